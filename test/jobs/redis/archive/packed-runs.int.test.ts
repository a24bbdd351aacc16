import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { archiveOldRuns, archivedStore } from '../../../../jobs/redis/archive/archived-store.ts';
import type { ArchivedRun } from '../../../../jobs/redis/archive/files.ts';
import { packEndedRuns } from '../../../../jobs/redis/archive/packed-runs.ts';
import { eventsKey } from '../../../../jobs/redis/stored/entries.ts';
import { packEntries, packedKey, unpackEntries } from '../../../../jobs/redis/stored/packed.ts';
import { openRunStore } from '../../../../jobs/redis/store.ts';
import { rejection } from '../../../support/eventually.ts';
import { rollbackRequested, runEnded } from '../../../support/runs/events.ts';
import { testStore, writeEndedRun } from '../../../support/servers/test-store.ts';

const stored = testStore();
const log = pino({ level: 'silent' });
const run = '7f3a12';

/** As another process sees it, which has nothing in memory. */
const seen = () => openRunStore(stored.redis);

const nowMs = (hours: number) => () => Date.parse(runEnded('succeeded').at) + hours * 3_600_000;
const pack = (hours: number): Promise<number> =>
  packEndedRuns({ redis: stored.redis, store: seen(), nowMs: nowMs(hours), log });

describe('the log of a run that ended', () => {
  it('is packed an hour later but for its last entry, and read as before', async () => {
    await writeEndedRun(stored, { path: '/etc/x', content: 'password = pa55word\n' });
    const [before, events] = [await seen().load(run), await seen().events(run)];

    expect([await pack(0.9), await pack(1.1), await pack(1.1)]).toEqual([0, 1, 0]);

    expect(await stored.redis.xlen(eventsKey(run))).toBe(1);
    expect(await seen().load(run)).toStrictEqual(before);
    expect(await seen().events(run)).toStrictEqual(events);
    expect(await stored.store.events(run)).toStrictEqual(events);
    expect(JSON.stringify(events)).toContain('pa55word');
  });

  it('goes on behind its last entry, and is packed once more', async () => {
    await writeEndedRun(stored);
    const reading = seen();
    await reading.load(run);
    await pack(2);

    await seen().append(run, () => rollbackRequested('drain'));
    expect(await pack(2)).toBe(0);
    await reading.append(run, () => runEnded('rolledBack'));

    const events = await seen().events(run);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['RollbackRequested', 'RunEnded']);
    expect(await pack(2)).toBe(1);
    expect(await stored.redis.xlen(eventsKey(run))).toBe(1);
    expect(await seen().events(run)).toStrictEqual(events);
    expect(await seen().intact(run)).toStrictEqual(events);
  });

  it('is not believed where what was packed was changed, or is gone', async () => {
    await writeEndedRun(stored);
    await pack(2);
    const entries = await unpackEntries((await stored.redis.getBuffer(packedKey(run))) as Buffer);
    const changed = entries.map((entry) => ({
      ...entry,
      json: entry.json.replace('HostReady', 'HostLost'),
    }));

    await stored.redis.set(packedKey(run), await packEntries(changed));
    expect(await rejection(seen().load(run))).toMatchObject({ name: 'BrokenLog' });
    await stored.redis.set(packedKey(run), await packEntries(entries.slice(1)));
    expect(await rejection(seen().load(run))).toMatchObject({ name: 'BrokenLog' });
    await stored.redis.del(packedKey(run));
    expect(await rejection(seen().load(run))).toMatchObject({ name: 'BrokenLog' });
  });

  it('moves to the archive whole', async () => {
    await writeEndedRun(stored);
    const events = await seen().events(run);
    await pack(2);
    const kept = new Map<string, ArchivedRun>();
    const archive = {
      read: async (id: string) => kept.get(id),
      keep: async (id: string, archived: ArchivedRun) => void kept.set(id, archived),
    };
    const archiving = { redis: stored.redis, store: seen(), archive, keptSeconds: 60, log };

    expect(await archiveOldRuns({ ...archiving, nowMs: nowMs(2) })).toBe(1);

    expect(await stored.redis.keys(`hopscotch:run:${run}:*`)).toEqual([]);
    expect(await archivedStore(stored.redis, seen(), archive).events(run)).toStrictEqual(events);
  });
});
