import { describe, expect, it } from '@jest/globals';
import { openHelper } from '../../../../jobs/remote/helper/helper-link.ts';
import { talkWithHost } from '../../../../jobs/remote/helper/talk.ts';
import type { OpenConversation, Ssh } from '../../../../jobs/ssh/ssh.ts';
import { rejection } from '../../../support/eventually.ts';

const target = {
  host: 'ctl1',
  address: '127.0.0.1',
  port: 22,
  user: 'root',
  key: '/keys/id',
  knownHosts: '/keys/known_hosts',
};

type Life = 'answers' | 'ends after its hello' | 'ends when asked';

/** A host whose helpers say hello one after the other, and then live as told. */
function helpersThat(...lives: readonly Life[]) {
  const asked: object[] = [];
  let opened = 0;
  const talk: NonNullable<Ssh['converse']> = async () => {
    const life = lives[opened];
    opened += 1;
    let feed: (chunk: Buffer) => void = () => undefined;
    let end: (why: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => (end = resolve));
    let isGreeted = false;
    const greet = (program: string): void => {
      isGreeted = true;
      feed(Buffer.from(`\n${/[0-9a-f]{32}/.exec(program)?.[0]} hello\n`));
      if (life === 'ends after its hello') end('killed');
    };
    const answer = (line: string): void => {
      const told = JSON.parse(line) as { n: number };
      asked.push(told);
      if (life === 'answers') feed(Buffer.from(`${told.n} end\n`));
      else end('killed');
    };
    return {
      ended,
      listen: (receive) => (feed = receive),
      write: (text) => (isGreeted ? answer(text) : greet(text)),
      close: () => end('closed'),
    } satisfies OpenConversation;
  };
  return { talk, asked, opened: () => opened };
}

const request = { ask: { do: 'look' }, onSay: () => undefined, onOutput: () => undefined };

/** What a shell was told where no helper was asked. */
async function talkThrough(talk: NonNullable<Ssh['converse']>): Promise<string[]> {
  const told: string[] = [];
  const exec: Ssh['exec'] = async (_target, { stdin }) => {
    told.push(String(stdin));
    throw new Error('the shell was asked');
  };
  const ssh = { exec, converse: talk, hostKey: async () => undefined, close: async () => {} };
  await talkWithHost(ssh as unknown as Ssh, target, {
    doing: 'looking',
    ask: () => request.ask,
    script: () => 'whole',
    rest: () => 'rest',
    onSay: request.onSay,
    onOutput: request.onOutput,
  }).catch((error: unknown) => {
    if (!String(error).includes('the shell was asked')) throw error;
  });
  return told;
}

describe('the link with a helper', () => {
  it('asks nothing of a helper that ended after its hello', async () => {
    const host = helpersThat('ends after its hello');
    const link = await openHelper(host.talk, target);

    expect(await link?.ask(request)).toBe(false);
    expect(host.asked).toEqual([]);
  });

  it('loses what it asked of a helper that ends then', async () => {
    const link = await openHelper(helpersThat('ends when asked').talk, target);

    const asking = link?.ask(request) ?? Promise.resolve();

    expect(await rejection(asking)).toMatchObject({ name: 'LinkLost', disposition: 'ask' });
  });
});

describe('talking with a host', () => {
  it('goes on with the next helper where one ended before it was asked', async () => {
    const host = helpersThat('ends after its hello', 'answers');

    expect(await talkThrough(host.talk)).toEqual([]);
    expect(host.asked).toHaveLength(1);
    expect(host.opened()).toBe(2);
  });

  it('tells all to a shell where helpers end again and again', async () => {
    const host = helpersThat(
      'ends after its hello',
      'ends after its hello',
      'ends after its hello',
    );

    expect(await talkThrough(host.talk)).toEqual([expect.stringContaining('whole')]);
    expect(host.asked).toEqual([]);
  });
});
