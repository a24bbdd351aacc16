import { describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { openLog } from '../../../jobs/log/log.ts';
import type { RepeatTimer } from '../../../jobs/log/repeats.ts';

/** A clock that is moved by hand. */
function handClock(): RepeatTimer & { readonly pass: (ms: number) => void } {
  let now = 1_700_000_000_000;
  const waiting: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, call) => void waiting.push({ at: now + ms, call }),
    pass: (ms) => {
      const until = now + ms;
      for (;;) {
        const next = waiting
          .filter(({ at }) => at <= until)
          .toSorted((one, other) => one.at - other.at)[0];
        if (next === undefined) break;
        waiting.splice(waiting.indexOf(next), 1);
        now = next.at;
        next.call();
      }
      now = until;
    },
  };
}

function open(level = 'trace') {
  const lines: string[] = [];
  const clock = handClock();
  const log = openLog({ name: 'test', level, write: (line) => lines.push(line), clock });
  return { lines, clock, log, last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

/** As ioredis makes it. */
const replyError = (message: string, ...args: string[]): Error =>
  Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'auth', args } });

describe('the log', () => {
  it.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)(
    'keeps commands and arguments of an error out at %s, wherever the error stands',
    (level) => {
      const { log, lines } = open();
      const error = replyError('WRONGPASS invalid user-password pair', '3', 'planted-secret');
      log[level]({ err: error }, 'one');
      log[level](error);
      log[level](error, 'two');
      log[level]({ err: new Error('outer', { cause: error }) }, 'three');
      log[level]({ other: { deep: [error] } }, 'four');
      log[level]({ err: new AggregateError([error]) }, 'five');
      log[level]({ err: Object.assign(new Error('x'), { data: 'planted-secret' }) }, 'six');
      log[level]({ err: { args: ['planted-secret'] } }, 'seven');

      expect(lines.length).toBeGreaterThan(6);
      expect(lines.join('')).not.toMatch(/planted|command|args/);
    },
  );

  it('keeps name, message, code, hint and the place in the code', () => {
    const { log, last } = open();
    log.warn({ err: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
    expect(last().err).toEqual({
      type: 'Error',
      message: 'connect ECONNREFUSED',
      code: 'ECONNREFUSED',
      stack: expect.stringMatching(/^\s+at /),
    });

    log.warn({ err: new OperatorError('no', { name: 'SlackRefused', hint: 'Do that.' }) });
    expect(last().err).toEqual({ type: 'SlackRefused', message: 'no', hint: 'Do that.' });
  });

  it('masks what Redis repeats of a command', () => {
    const { log, last } = open();
    log.warn({
      err: replyError("ERR unknown command 'FOO', with args beginning with: 'planted' 'x'"),
    });
    expect(last().err.message).toBe(
      "ERR unknown command 'FOO', with args beginning with: [REDACTED]",
    );

    log.warn({ err: replyError("ERR value 'planted-secret' is bad", 'planted-secret') });
    expect(last().err.message).toBe("ERR value '[REDACTED]' is bad");
  });

  it('says a thing once, then counts it at growing intervals, and once more after a time of quiet', () => {
    const { log, lines, clock, last } = open();
    const again = (port: number): void =>
      log.warn({ err: new Error(`connect ECONNREFUSED 127.0.0.1:${port}`) }, 'redis');
    for (let port = 1; port <= 1000; port += 1) again(port);
    expect(lines).toHaveLength(1);

    clock.pass(10_000);
    expect(lines).toHaveLength(2);
    expect(last()).toMatchObject({ msg: 'redis', repeated: 999, inSeconds: 10 });

    clock.pass(60_000);
    again(5);
    expect(lines).toHaveLength(2);

    clock.pass(700_000);
    again(5);
    expect(lines).toHaveLength(4);
    expect(last()).not.toHaveProperty('repeated');
  });

  it('hides no other line behind one that repeats', () => {
    const { log, lines } = open();
    log.warn({ err: new Error('a') }, 'redis');
    log.warn({ err: new Error('b') }, 'redis');
    log.error({ err: new Error('a') }, 'redis');
    log.warn({ err: new Error('a'), runId: 'f00' }, 'redis');
    log.info({ err: new Error('a') }, 'redis');
    log.info('redis is fit again');
    log.info('redis is fit again');

    expect(lines).toHaveLength(7);
  });

  it('counts an error at any level, and one that is about ever more messages of a run', () => {
    const { log, lines } = open();
    for (const key of ['card', 'line.a', 'line.b']) {
      log.info({ err: new Error('fetch failed') }, 'slack did not say where a message is');
      log.warn({ runId: 'f00', key, err: new Error('fetch failed') }, 'a post may have happened');
    }

    expect(lines).toHaveLength(2);
  });

  it('stays below a megabyte in a day of an outage, whatever says it and however often', () => {
    const { log, lines, clock } = open('info');
    const edges = Array.from(
      { length: 20 },
      (_, index) => `edge ${String.fromCharCode(97 + index)}`,
    );
    for (let second = 0; second < 24 * 3600; second += 300) {
      for (const edge of edges)
        for (let time = 0; time < 5; time += 1)
          log.warn({ err: replyError(`OOM command not allowed ${time}`, 'x'.repeat(2000)) }, edge);
      clock.pass(300_000);
    }

    expect(lines.join('').length).toBeLessThan(1_000_000);
    expect(lines.length).toBeGreaterThan(200);
  });
});
