import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { handlers } from '../../../handlers/index.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { drawnCloud, type DrawnCloud } from '../drawn-clouds.ts';
import { type DrawnPlanAsRead, readDrawnPlan } from './read-plan.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

/** Every property on its own drawing would plan the same clouds again and again. */
const onAnyPlan = (property: (read: DrawnPlanAsRead, drawn: DrawnCloud) => void) =>
  fc.assert(
    fc.property(drawnCloud, (drawn) => property(readDrawnPlan(drawn), drawn)),
    { numRuns: 20 },
  );

describe('any plan of today', () => {
  it('starts nothing of a service before all of its schemas are there', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, unitsOf } of legs) {
        for (const sync of steps.filter(({ kind }) => kind === 'schema-sync')) {
          const early = steps
            .filter(({ at, starts }) => starts !== undefined && at < sync.at)
            .filter(({ starts = '' }) => unitsOf(String(sync.params['service'])).includes(starts));
          expect(early.map(({ id }) => id)).toEqual([]);
        }
      }
    });
  });

  it('lets a service check its data once its schemas are there, and before it starts', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, unitsOf, isCold } of legs) {
        const checks = steps.filter(({ id }) => id.endsWith('-check-synced'));
        const synced = steps.filter(({ kind }) => kind === 'schema-sync');
        if (isCold) expect(checks).toEqual([]);
        else if (synced.length > 0) expect(checks.length).toBeGreaterThan(0);
        for (const { at, id, params } of checks) {
          const service = String(params['service']);
          const late = synced.filter((sync) => sync.params['service'] === service && sync.at > at);
          // Apache may have been started for another service before.
          const early = steps.filter(
            ({ starts = '', at: started }) =>
              started < at && starts !== 'apache2' && unitsOf(service).includes(starts),
          );
          expect([id, late, early]).toEqual([id, [], []]);
        }
      }
    });
  });

  it('asks before the first host of agents and before the next, and sees agents alive after each', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, tiers, isCold } of legs) {
        if (isCold) continue;
        const turns = tiers.agents.map((host) =>
          steps.find(
            // What only asks apt comes before all turns.
            ({ kind, hosts }) =>
              kind !== 'package-forecast' && hosts.length === 1 && hosts[0] === host,
          ),
        );
        expect(turns.slice(0, 2).filter((first) => first?.asks !== true)).toEqual([]);
        for (const [index, first] of turns.entries()) {
          const until = turns[index + 1]?.at ?? Infinity;
          const looks = steps.filter(
            ({ kind, at }) => kind === 'service-rows' && at > (first?.at ?? 0) && at < until,
          );
          // They need a login, which a cloud's file may not name.
          const canLook = steps.some(({ kind }) => kind === 'service-rows');
          expect(looks.length > 0).toBe(canLook);
        }
      }
    });
  });

  it('restarts no host between its packages and its schemas: everything starts at boot', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, tiers } of legs) {
        const synced = steps.filter(({ kind }) => kind === 'schema-sync').at(-1)?.at ?? -1;
        const boots = steps.filter(({ kind }) => kind === 'manual');
        for (const { at, hosts } of boots) {
          expect(at).toBeGreaterThan(synced);
          const started = steps.filter(
            (step) =>
              step.at > at && step.starts !== undefined && step.hosts.includes(hosts[0] ?? ''),
          );
          expect(
            [...tiers.first, ...tiers.control].includes(hosts[0] ?? '') ? started : [at],
          ).not.toEqual([]);
        }
      }
    });
  });

  it('starts again what it stops, unless the new release has it no more', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, expected } of legs) {
        for (const { host, unit } of expected) {
          const touched = steps.filter(
            (step) =>
              (step.starts === unit || step.stops.includes(unit)) && step.hosts.includes(host),
          );
          if (touched.length > 0)
            expect([host, unit, touched.at(-1)?.starts]).toEqual([host, unit, unit]);
        }
      }
    });
  });

  it('has what restores each change before it, since the last change of that kind', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps } of legs) {
        for (const step of steps) {
          const before = steps.filter(({ at }) => at < step.at);
          if (
            step.kind === 'schema-sync' ||
            (step.kind === 'data-migration' && step.params['putBack'] !== false)
          ) {
            const dumped = before.filter(({ kind }) => kind === 'database-backup');
            expect([step.id, dumped.length > 0]).toEqual([step.id, true]);
            if (step.kind === 'schema-sync')
              expect(dumped.flatMap(({ params }) => params['databases'])).toContain(
                step.params['database'],
              );
          }
          if (step.kind === 'package' && step.params['release'] !== undefined) {
            const kept = before
              .filter(({ kind }) => kind === 'host-snapshot')
              .flatMap(({ params }) => params['hosts']);
            expect(step.hosts.filter((host) => !kept.includes(host))).toEqual([]);
          }
        }
      }
    });
  });

  it('changes a host only while nothing of OpenStack runs on it', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, running } of legs) {
        for (const step of steps.filter(({ kind }) =>
          ['package', 'repository', 'host-snapshot'].includes(kind),
        )) {
          if (step.id.includes('-alone-')) continue;
          for (const host of step.hosts)
            expect([step.id, host, running(host, step.at)]).toEqual([step.id, host, []]);
        }
      }
    });
  });

  it('dumps when nothing writes any more, or has who serves stop for the restore, and start after it', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, tiers, running } of legs) {
        const packages = steps.findIndex(({ kind }) => kind === 'package');
        for (const dump of steps.filter(({ kind }) => kind === 'database-backup')) {
          const left = (rollback: string, isThere: (at: number) => boolean, host: string) =>
            steps
              .filter(({ params }) => params['now'] === 'leave' && params['rollback'] === rollback)
              .filter(({ at, hosts }) => isThere(at) && hosts.includes(host))
              .flatMap(({ params }) => params['units'] as string[]);
          for (const host of [...tiers.first, ...tiers.control]) {
            const serving = running(host, dump.at, 'control').toSorted();
            expect(left('start', (at) => at < dump.at, host).toSorted()).toEqual(serving);
            expect(left('stop', (at) => at > dump.at, host).toSorted()).toEqual(serving);
          }
          // Backwards: the restore comes before the packages of old programs, and these before their start.
          expect(dump.at).toBeGreaterThan(steps[packages]?.at ?? -1);
        }
      }
    });
  });

  it('has a host out of the balancer while its packages change, and back in it at the end', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, backends } of legs) {
        for (const { name, hosts } of backends) {
          for (const host of hosts) {
            const upgraded = steps.find(
              (step) => step.kind === 'package' && step.hosts.includes(host),
            );
            const moves = steps.filter(
              ({ kind, params }) =>
                kind === 'loadbalancer' &&
                params['backend'] === name &&
                (params['servers'] === undefined || (params['servers'] as string[]).includes(host)),
            );
            const before = moves.filter(({ at }) => at < (upgraded?.at ?? 0)).at(-1);
            expect([name, host, before?.params['state']]).toEqual([name, host, 'drain']);
            expect([name, host, moves.at(-1)?.params['state']]).toEqual([name, host, 'ready']);
          }
        }
      }
    });
  });

  it('upgrades one control host at a time once the first is back, and serves again in between', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, tiers, isCold, isSameSeries } of legs) {
        if (isCold) continue;
        const turns = steps.filter(
          ({ kind, hosts }) =>
            kind === 'package' &&
            hosts.some(
              (host) =>
                tiers.control.includes(host) || (isSameSeries && tiers.first.includes(host)),
            ),
        );
        for (const [index, { hosts, at }] of turns.entries()) {
          expect(hosts).toHaveLength(1);
          const next = turns[index + 1]?.at ?? Infinity;
          const started = steps.filter(
            (step) => step.at > at && step.at < next && step.starts !== undefined,
          );
          expect(started.length).toBeGreaterThan(0);
          expect(new Set(started.flatMap((step) => step.hosts))).toContain(hosts[0]);
        }
      }
    });
  });

  it('restarts nova for its new release on one control host at a time', () => {
    onAnyPlan(({ legs }) => {
      for (const { steps, tiers } of legs) {
        const control = new Set([...tiers.first, ...tiers.control]);
        const many = steps
          .filter(({ kind, params }) => kind === 'nova-pin' && params['level'] === 'off')
          .filter(({ hosts, batch }) => batch > 1 && hosts.some((host) => control.has(host)));
        expect(many.map(({ id }) => id)).toEqual([]);
      }
    });
  });

  it('comes to computes last: one alone, then batches within a zone', () => {
    onAnyPlan(({ legs, batch, zoneOf }) => {
      for (const { steps, tiers, isCold } of legs) {
        const packages = steps.filter(({ kind }) => kind === 'package');
        const isCompute = (host: string): boolean => tiers.computes.includes(host);
        const last = packages.filter(({ hosts }) => !hosts.every(isCompute)).at(-1)?.at ?? -1;
        const turns = packages.filter(({ hosts }) => hosts.some(isCompute));
        if (isCold) {
          const started = steps.filter(
            ({ starts, hosts }) => starts === 'nova-compute' && hosts.some(isCompute),
          );
          const control = steps.filter(
            ({ starts, hosts }) =>
              starts !== undefined && hosts.some((host) => tiers.first.includes(host)),
          );
          for (const { at } of started) expect(at).toBeGreaterThan(control.at(-1)?.at ?? -1);
          continue;
        }
        for (const [index, { hosts, at }] of turns.entries()) {
          expect(at).toBeGreaterThanOrEqual(last);
          expect(hosts.length).toBeLessThanOrEqual(index === 0 ? 1 : batch);
          expect(new Set(hosts.map(zoneOf)).size).toBe(1);
        }
      }
    });
  });

  it('is the same bytes however the file of the cloud lists its services and the hosts of a part', () => {
    fc.assert(
      fc.property(drawnCloud, (drawn) => {
        const text = JSON.stringify(drawn.plan());
        expect(JSON.stringify(drawn.plan())).toBe(text);
        expect(JSON.stringify(drawn.planReversed())).toBe(text);
      }),
      { numRuns: 10 },
    );
  });

  it('has ids and titles as a runbook takes them', () => {
    onAnyPlan(({ steps }) => {
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
      for (const { id, title, hosts } of steps) {
        expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
        expect(title.length).toBeLessThanOrEqual(150);
        expect(hosts).not.toEqual([]);
      }
    });
  });

  it('composes, with params that the kinds of its steps take', () => {
    onAnyPlan((_read, { cloud, plan }) => {
      const { overview: _overview, ...runbook } = plan();
      for (const { id, kind, params } of runbook.steps)
        expect([id, handlers[kind]?.params.safeParse(params).error?.issues]).toEqual([
          id,
          undefined,
        ]);
      expect(composePlan(cloud, Runbook.parse(runbook), 'upgrade').steps).toHaveLength(
        runbook.steps.length,
      );
    });
  });
});
