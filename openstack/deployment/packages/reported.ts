import type { PlannedHop } from '../deployment.ts';
import type { StepDraft } from '../../plan/step-drafts.ts';
import { countRevisionsShell } from './scripts/embedded.ts';

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
