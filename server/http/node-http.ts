/**
 * `node:http` without what Node loads to make a module of it: `import` reads each of its exports, and with `WebSocket` comes all of
 * `fetch`, 14 MB in every thread.
 */
export const { createServer, IncomingMessage, ServerResponse, STATUS_CODES } = process.getBuiltinModule('node:http');
