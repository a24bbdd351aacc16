import type { PlannedHop } from '../deployment/deployment.ts';
import type { PlannedService } from './context.ts';
import type { HopOrder } from './order.ts';

/**
 * One hop, service by service: after it every chosen service runs the next release on every host.
 *
 * A rollback undoes steps strictly last first, so a step stands where its undo is right. Backwards a hop reads: new
 * programs stopped, databases restored, packages, files, repository, and only then old programs started, so that none
 * ever runs on the schema of another release. Therefore everything is stopped before even the repository changes, and
 * the packages of all hosts move before the dump. Forwards, nothing writes between the dump and the end of a sync,
 * packages that fail cost no row, and services start with the libraries that they will keep.
 */
export function byService({ all }: PlannedHop): HopOrder[] {
  const first = all.filter(({ known }) => !known.last);
  const last = all.filter(({ known }) => known.last);
  return [
    { do: 'check', what: 'packages', isPartial: true },
    { do: 'back up', what: 'packages', isPartial: true },
    { do: 'check', what: 'own checks', when: 'before' },
    { do: 'migrate data', when: 'before' },
    { do: 'back up', what: 'hosts', isPartial: true },
    { do: 'adapt', slot: 'beforeStop' },
    { do: 'stop' },
    { do: 'migrate data', when: 'stopped' },
    { do: 'upgrade packages', what: 'sources', of: all },
    { do: 'write configuration', when: 'beforePackages' },
    ...first.flatMap(mainPackages),
    { do: 'upgrade packages', what: 'rest', of: first },
    ...last.flatMap(mainPackages),
    { do: 'write configuration', when: 'afterPackages' },
    { do: 'adapt', slot: 'afterPackages' },
    { do: 'back up', what: 'databases', of: all },
    ...first.flatMap(activated),
    ...first.map((of): HopOrder => ({ do: 'start', of, which: 'others', batch: 1 })),
    ...last.flatMap(activated),
    { do: 'adapt', slot: 'afterServices' },
    { do: 'migrate data', when: 'after' },
    { do: 'check', what: 'own checks', when: 'after' },
    { do: 'check', what: 'stale', of: 'neighbours' },
  ];
}

/** What a service has on the hosts of its main part. */
const mainPackages = (service: PlannedService): HopOrder[] => [
  { do: 'adapt', slot: 'beforePackages', of: [service] },
  { do: 'upgrade packages', what: 'main', of: [service] },
];

/** Leads the databases of a service to the new release, then starts its main part and looks whether it answers. */
function activated(service: PlannedService): HopOrder[] {
  const of = [service];
  return [
    { do: 'lead schema', of: service },
    { do: 'start', of: service, which: 'main' },
    { do: 'check', what: 'warnings', of },
    { do: 'check', what: 'answers', of },
    { do: 'adapt', slot: 'afterStart', of },
  ];
}
