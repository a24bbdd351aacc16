import type { Logger } from 'pino';

/**
 * Has what Node.js warns of said in the log. By itself it would write lines of its own beside it, which nobody counts: a
 * Redis that refuses every command, and that is left for each, brings one with each connection.
 */
export function logNodeWarnings(log: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, 'node warns'));
}
