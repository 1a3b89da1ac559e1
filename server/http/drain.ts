import type { Server } from 'node:http';

const SWEEP_EVERY_MS = 20;

/**
 * Stops listening and resolves when every request under way has been answered. A connection that is still busy after
 * `ms` milliseconds is cut off: its client holds it open, or sends slowly.
 */
export async function drain(server: Server, ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Closing ends the connections that are idle at that moment only; the others would stay for their keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  const cutOff = setTimeout(() => server.closeAllConnections(), ms);
  await closed;
  clearInterval(sweep);
  clearTimeout(cutOff);
}
