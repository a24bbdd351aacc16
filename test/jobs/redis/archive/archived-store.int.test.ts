import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { archiveOldRuns, archivedStore } from '../../../../jobs/redis/archive/archived-store.ts';
import { fileArchive } from '../../../../jobs/redis/archive/files.ts';
import { contentsKey } from '../../../../jobs/redis/stored/entries.ts';
import { openRunStore } from '../../../../jobs/redis/store.ts';
import { rejection } from '../../../support/eventually.ts';
import {
  planOf,
  requested,
  rollbackRequested,
  runEnded,
  step,
} from '../../../support/runs/events.ts';
import { testStore, writeEndedRun } from '../../../support/servers/test-store.ts';

const stored = testStore();
const log = pino({ level: 'silent' });
const run = '7f3a12';
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hopscotch-archive-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** As another process sees it, which has nothing in memory. */
const seen = () => archivedStore(stored.redis, openRunStore(stored.redis), fileArchive(dir));

const archive = (days: number): Promise<number> =>
  archiveOldRuns({
    redis: stored.redis,
    store: openRunStore(stored.redis),
    archive: fileArchive(dir),
    keptSeconds: 30 * 86_400,
    nowMs: () => Date.parse(runEnded('succeeded').at) + days * 86_400_000,
    log,
  });

describe('a run that ended long ago', () => {
  it('is in a file, and is read as before', async () => {
    await writeEndedRun(stored);
    const [before, events] = [await seen().load(run), await seen().events(run)];

    expect(await archive(29)).toBe(0);
    expect(await archive(31)).toBe(1);

    expect((await stored.redis.keys(`hopscotch:run:${run}:*`)).toSorted()).toEqual([]);
    expect(await seen().load(run)).toStrictEqual(before);
    expect(await seen().events(run)).toStrictEqual(events);
    expect(await seen().recent(5)).toEqual([run]);
    const lines = readFileSync(join(dir, `${run}.jsonl`), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { plan: { steps: [{ id: 'drain' }] } },
      { event: { type: 'RunRequested' } },
      { event: { type: 'HostReady' } },
      { event: { type: 'StepStarted' } },
      { event: { type: 'StepSucceeded' } },
      { event: { type: 'RunEnded' } },
    ]);
    expect(await archive(32)).toBe(0);
  });

  it('is taken back into Redis by who writes behind it, and archived again', async () => {
    await writeEndedRun(stored);
    await archive(31);

    await seen().append(run, () => rollbackRequested('drain'));
    await Promise.all([1, 2].map(() => seen().append(run, () => runEnded('rolledBack'))));

    const events = await openRunStore(stored.redis).events(run);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['RunEnded', 'RunEnded']);
    expect(await archive(31)).toBe(1);
    expect(await seen().events(run)).toStrictEqual(events);
  });

  it('gives its id to no other run', async () => {
    await writeEndedRun(stored);
    await archive(31);
    const other = requested(planOf(step('other')));
    if (other.type !== 'RunRequested') throw new Error('not a request');

    expect(await rejection(seen().create(other))).toMatchObject({ name: 'RunExists' });
  });

  it('stays in Redis as long as what its files held does, so that this never stands in a file', async () => {
    await writeEndedRun(stored, { path: '/etc/x', content: 'password = pa55word\n' });

    expect(await archive(31)).toBe(0);
    await stored.redis.del(contentsKey(run));
    expect(await archive(31)).toBe(1);
    expect(readdirSync(dir)).toEqual([`${run}.jsonl`]);
    expect(readFileSync(join(dir, `${run}.jsonl`), 'utf8')).not.toContain('pa55word');
    expect((await seen().load(run)).ended).toMatchObject({ outcome: 'succeeded' });
  });

  it('is not believed where its file was changed', async () => {
    await writeEndedRun(stored);
    await archive(31);
    const path = join(dir, `${run}.jsonl`);
    const text = readFileSync(path, 'utf8');
    for (const [from, to] of [
      ['"type":"HostReady"', '"type":"HostLost"'],
      ['"id":"drain"', '"id":"other"'],
    ] as const) {
      writeFileSync(path, text.replace(from, to));
      expect(await rejection(seen().load(run))).toMatchObject({ name: 'BrokenLog' });
    }
    expect(await rejection(seen().load('../x'))).toMatchObject({ name: 'UnknownRun' });
  });
});
