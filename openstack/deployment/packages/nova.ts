import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { PlannedHop } from '../deployment.ts';
import { countRevisionsShell } from './scripts/embedded.ts';
import { unitNames } from './units.ts';

/**
 * Lets old and new computes understand each other while both are there. nova reads it when it starts, and on rollback
 * its old services have been started before the file is as it was.
 */
const pinned = {
  id: 'nova-pin',
  title: "pin nova's RPC version for mixed computes",
  kind: 'nova-pin',
  purpose: 'pin-rpc',
  params: { level: 'auto', restart: false },
} as const;

/** Takes the pin away once all computes report the new release; a restart alone makes nova ask again. */
const unpinned = {
  id: 'nova-unpin',
  title: "unpin nova's RPC version and restart nova",
  kind: 'nova-pin',
  purpose: 'unpin-rpc',
  params: { level: 'off' },
} as const;

/** `mixed`: computes of both releases are there from now on; `unmixed`: no more. */
export function pinSteps(
  { context, all, units: { alone } }: PlannedHop,
  now: 'mixed' | 'unmixed',
): StepDraft[] {
  const nova = all.find(({ known }) => known.name === 'nova');
  if (nova === undefined) return [];
  const paths = novaFiles(nova);
  const { params, ...words } = now === 'mixed' ? pinned : unpinned;
  const units = alone.get(nova)?.[now === 'mixed' ? 'before' : 'after'] ?? [];
  const onComputes = new Set(
    units.filter(({ tier }) => tier === 'compute').map(({ name }) => name),
  );
  return groupedHosts(nova.here.hosts, (host) => unitNames(units, host)).map(
    ({ hosts, value }) => ({
      ...words,
      on: hosts,
      params: { paths, ...params, units: value, manager: context.manager },
      // APIs go on behind the balancer while one control host restarts, and instances while all computes do.
      ...(value.every((name) => onComputes.has(name)) ? {} : { batch: 1 }),
      service: 'nova',
    }),
  );
}

/** The file that services of nova read, as its releases place it. */
const novaFiles = ({ after }: PlannedService): string[] => {
  const paths = after.config.map(({ path }) => path).filter((path) => path.endsWith('/nova.conf'));
  return [...new Set(paths.length === 0 ? ['/etc/nova/nova.conf'] : paths)];
};

/** Whether cells are mapped and reachable; where nova has them. */
export const cellSteps = (context: PlanContext, all: readonly PlannedService[]): StepDraft[] =>
  all
    .filter((moving) => moving.syncs.some(({ database }) => database === 'nova_api'))
    .map(({ known, here, mainHosts }) => ({
      id: 'cells',
      title: "check that nova's cells are mapped and answer",
      kind: 'cells',
      purpose: 'check',
      on: mainHosts.slice(0, 1),
      params: {
        defaultsFile: context.services.database.defaultsFile,
        database: here.databases['nova_api'] ?? 'nova_api',
      },
      service: known.name,
    }));

/** Sees that the computes of these hosts are up with their new number, by what they write themselves. */
export function reportedSteps(
  { context, all, units: { after } }: PlannedHop,
  hosts: readonly string[],
): StepDraft[] {
  const nova = all.find(({ known }) => known.name === 'nova');
  if (nova === undefined) return [];
  const units = after.filter(({ name }) => name === 'nova-compute');
  const on = hosts.filter((host) => units.some((unit) => unit.hosts.includes(host)));
  if (on.length === 0) return [];
  const names = on.map((host) => nova.here.names[host] ?? host);
  const version = context.knowledge.floors.compute.versions[nova.hop.to] ?? 0;
  const { database } = context.services;
  const databases = [
    nova.here.databases['nova'] ?? 'nova',
    ...context.cells.map((cell) => cell.database),
  ];
  return [
    {
      id: 'computes-reported',
      title: `check that nova-compute is up${version === 0 ? '' : ` and reports service version ${version}`}`,
      kind: 'check',
      purpose: 'check',
      on: database.on.slice(0, 1),
      params: {
        command: {
          run: [
            'sh',
            '-c',
            countRevisionsShell,
            'sh',
            database.defaultsFile,
            String(version),
            databases.join(' '),
            ...names,
          ],
        },
        retries: 60,
        every: 3,
      },
      service: 'nova',
    },
  ];
}
