import { describe, expect, it } from '@jest/globals';
import type { Work } from '../../../jobs/run/events.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { signatureOf, stepFailure } from '../../../openstack/repair/signature.ts';
import { programStanding } from '../../../openstack/repair/standing.ts';
import * as e from '../../support/runs/events.ts';
import { knowledge } from '../known.ts';

const hop = { from: 'caracal', to: 'epoxy' } as const;
const other = { from: 'epoxy', to: 'gazpacho' } as const;
const [ctl1, ctl2] = ['ctl1', 'ctl2'];
const steps = [
  e.step('packages', { hop, kind: 'package', purpose: 'upgrade-packages', hosts: [ctl1] }),
  e.step('sync', { hop, kind: 'schema-sync', service: 'neutron', hosts: [ctl1] }),
  e.step('sync-nova', { hop, kind: 'schema-sync', service: 'nova', hosts: [ctl1] }),
  e.step('packages-2', { hop, kind: 'package', purpose: 'upgrade-packages', hosts: [ctl2] }),
  e.step('start', { hop, kind: 'service', service: 'neutron', hosts: [ctl1, ctl2] }),
  e.step('later', { hop: other, kind: 'service', service: 'neutron', hosts: [ctl2] }),
  e.step('nobodys', { hop, kind: 'service', hosts: [ctl2] }),
];

/** The run as it stands once these steps have ended well on these hosts; the last line names what failed. */
function runWith(
  done: readonly (readonly [string, string])[],
  failed?: Pick<Work, 'step' | 'host'>,
): Run {
  const works = done.map(([step, host]) => e.work(step, host));
  const fails = failed === undefined ? [] : [e.work(failed.step, failed.host)];
  return e.readyRun(
    e.planOf(...steps),
    ...works.flatMap((work) => [e.started(work), e.succeeded(work)]),
    ...fails.flatMap((work) => [e.started(work), e.failed(work, { tail })]),
  );
}

const tail = `oslo_db.exception.DBError: (pymysql.err.OperationalError) (1054, "Unknown column 'ports.never_heard_of' in 'field list'")`;
const at = (host: string, step = 'start') => ({ step, host });

describe('which of program and schema is older', () => {
  it.each<
    [string, readonly (readonly [string, string])[], ReturnType<typeof at>, string | undefined]
  >([
    ['neither moved', [], at(ctl2), undefined],
    [
      'schema synced, this host not upgraded',
      [
        ['packages', ctl1],
        ['sync', ctl1],
      ],
      at(ctl2),
      'old-program',
    ],
    [
      'schema synced, this host upgraded',
      [
        ['packages', ctl1],
        ['sync', ctl1],
      ],
      at(ctl1),
      undefined,
    ],
    ['this host upgraded, schema not synced', [['packages', ctl1]], at(ctl1), 'new-program'],
    [
      "another service's schema synced",
      [
        ['packages', ctl1],
        ['sync-nova', ctl1],
      ],
      at(ctl1),
      'new-program',
    ],
    [
      'a step of another hop',
      [
        ['packages', ctl1],
        ['sync', ctl1],
      ],
      at(ctl2, 'later'),
      undefined,
    ],
    [
      'a step that is of no service',
      [
        ['packages', ctl1],
        ['sync', ctl1],
      ],
      at(ctl2, 'nobodys'),
      undefined,
    ],
    ['the sync itself', [['packages', ctl1]], at(ctl1, 'sync'), undefined],
  ])('%s', (_what, done, where, expected) => {
    expect(programStanding(runWith(done), where)).toBe(expected);
  });

  it('is not told by a sync that broke off', () => {
    const sync = e.work('sync', ctl1);
    const run = e.readyRun(e.planOf(...steps), e.started(sync), e.failed(sync));

    expect(programStanding(run, at(ctl2))).toBeUndefined();
  });
});

describe('a column that no list knows', () => {
  const said = (done: readonly (readonly [string, string])[], host: string) => {
    const run = runWith(done, at(host));
    const failure = stepFailure(run, { phase: 'apply', step: 'start', host });
    return failure && signatureOf(failure, knowledge.signatures)?.id;
  };

  it('is the old program where the run has synced and not upgraded that host', () => {
    expect(
      said(
        [
          ['packages', ctl1],
          ['sync', ctl1],
        ],
        ctl2,
      ),
    ).toBe('old-program-by-run');
  });

  it('is the new program where the run has upgraded that host and not synced', () => {
    expect(said([['packages', ctl1]], ctl1)).toBe('new-program-by-run');
  });

  it('is said of both sides where the run does not tell', () => {
    expect(
      said(
        [
          ['packages', ctl1],
          ['sync', ctl1],
        ],
        ctl1,
      ),
    ).toBe('service-before-sync');
  });
});
