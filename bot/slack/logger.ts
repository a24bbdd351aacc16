import { LogLevel, type Logger as SlackLogger } from '@slack/web-api';
import type { Logger } from 'pino';

/**
 * Slack's libraries write into our log, from info up: what they say at debug holds whole payloads and the addresses of
 * sockets.
 */
export function slackLogger(log: Logger): SlackLogger {
  const to =
    (level: 'info' | 'warn' | 'error') =>
    (...words: unknown[]): void =>
      log[level]({ from: 'slack' }, words.map(String).join(' '));
  return {
    debug: () => {},
    info: to('info'),
    warn: to('warn'),
    error: to('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
