import { z } from 'zod';
import type { Deployment, PlannedHop } from '../../../../openstack/deployment/deployment.ts';
import type { PlanContext } from '../../../../openstack/plan/context.ts';
import type { StepDraft } from '../../../../openstack/plan/step-drafts.ts';

/** What a cloud file says of it under `services.deployment`. */
const Settings = z.looseObject({ on: z.string() });

const toolHost = ({ services }: PlanContext): string => Settings.parse(services.deployment).on;

/** A tool that upgrades everything with one command on one host; it stops, syncs and starts services itself. */
export const oneCommand: Deployment = {
  tool: 'one-command',
  isFor: () => true,
  strategies: { whole: 'by host', partial: 'by host' },
  path: ({ hops }) => [...hops],
  tiers: (context) => ({ first: [toolHost(context)], control: [], agents: [], computes: [] }),
  units: () => ({ before: [], after: [], stopping: [], alone: new Map() }),
  frame: () => ({ before: [], after: [] }),
  notes: () => [],
  steps: (planned, intent) => {
    const { from, to } = planned.hop;
    if (intent.do === 'upgrade hosts')
      return [run(planned, 'upgrade-packages', ['upgrade', to], ['upgrade', from])];
    if (intent.do === 'check' && intent.what === 'packages')
      return [run(planned, 'check', ['has', to])];
    return intent.do === 'back up' && intent.what === 'databases'
      ? [run(planned, 'back-up', ['backup', from])]
      : [];
  },
};

function run(
  { context }: PlannedHop,
  purpose: StepDraft['purpose'],
  words: readonly string[],
  undo?: readonly string[],
): StepDraft {
  const line = (own: readonly string[]): string[] => ['sh', '/srv/one-command', ...own];
  return {
    id: words.join('-'),
    title: `one-command ${words.join(' ')}`,
    kind: 'command',
    purpose,
    on: [toolHost(context)],
    params: { run: line(words), undo: undo === undefined ? [] : [line(undo)] },
  };
}
