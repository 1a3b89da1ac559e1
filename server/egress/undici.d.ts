/** The parts of undici that are used, by their files: its index loads all of `fetch`, WebSockets and caches, 14 MB in every thread. */
declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici';
}
declare module 'undici/lib/core/connect.js' {
  export { buildConnector as default } from 'undici';
}
