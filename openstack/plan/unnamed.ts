import { fewNames } from '../../handlers/words/counts.ts';
import { CommandWords, toShell } from '../../handlers/contract/command.ts';
import { isForHop } from '../knowledge/hop-span.ts';
import type { PlanContext } from './context.ts';
import type { StepDraft } from './step-drafts.ts';
import type { Hop } from '../path/path.ts';

interface Unnamed {
  readonly title: string;
  readonly hosts: readonly string[];
  readonly sync?: string | undefined;
  readonly note?: string | undefined;
}

/** Projects on hosts that are upgraded whole which the cloud file does not name: their packages move along. */
function unnamedOnMoved(context: PlanContext, hop?: Hop): Unnamed[] {
  const moved = new Set(context.moved);
  const { services, projects } = context.knowledge;
  return Object.entries(context.facts.unnamed).flatMap(([project, on]) => {
    const hosts = on.filter((host) => moved.has(host));
    if (hosts.length === 0) return [];
    const further = projects[project];
    const title = (services[project] ?? further)?.title ?? project;
    const sync = further?.sync ?? knownSync(context, project, hop);
    return [{ title, hosts, sync, note: further?.note }];
  });
}

/** What plans run for a service that they know, were it named. */
function knownSync({ knowledge }: PlanContext, project: string, hop: Hop | undefined) {
  if (hop === undefined) return undefined;
  const made = knowledge.services[project]?.series[hop.to];
  if (made === undefined) return undefined;
  const steps = knowledge.rules
    .filter((rule) => rule.service === project && isForHop(rule.hops, hop))
    .flatMap((rule) => rule.steps.map((id) => knowledge.steps[id]?.params['run']));
  const commands = [...made.sync.map(({ run }) => run), ...steps].flatMap((run) => {
    const words = CommandWords.safeParse(run);
    return words.success ? [toShell(words.data)] : [];
  });
  return commands.length === 0 ? undefined : commands.join(', then ');
}

const listed = (all: readonly Unnamed[]): string =>
  all.map(({ title, hosts }) => `${title} (${fewNames(hosts, 3)})`).join(', ');

/** What to know before whole hosts are upgraded on which more runs than the plan knows. */
export function unnamedNotes(context: PlanContext): string[] {
  const all = unnamedOnMoved(context);
  return all.length === 0
    ? []
    : [
        `On these hosts and no service of the cloud file: ${listed(all)}. Their packages are upgraded with the host; this plan does not stop them and does not sync or back up their databases, so it asks a person to.`,
      ];
}

/** What a person is asked for: before the outage, and once all hosts are upgraded. */
export interface UnnamedSteps {
  readonly before: readonly StepDraft[];
  readonly after: readonly StepDraft[];
}

/** Asks a person for what the plan does not do for them. */
export function unnamedSteps(context: PlanContext, hop: Hop): UnnamedSteps {
  const all = unnamedOnMoved(context, hop);
  if (all.length === 0) return { before: [], after: [] };
  const names = all.map(({ title }) => title).join(', ');
  const on = Object.keys(context.cloud.hosts).filter((host) =>
    all.some(({ hosts }) => hosts.includes(host)),
  );
  const lines = (when: 'before' | 'after'): string[] =>
    all.map(({ title, hosts, sync, note }) =>
      [
        `${title} on ${hosts.join(', ')}${when === 'after' && sync !== undefined ? `: ${sync}` : ''}.`,
        ...(note === undefined ? [] : [note]),
      ].join(' '),
    );
  const step = { kind: 'manual', purpose: 'by-hand' as const, on };
  return {
    before: [
      {
        ...step,
        id: 'stop-others',
        title: `stop ${names}, and back up their databases`,
        params: {
          instructions: [
            'These run on the hosts and the cloud file does not name them. Stop their units and dump their databases:',
            ...lines('before'),
          ].join('\n'),
          proof: 'systemctl list-units of what was stopped, and where the dumps are',
          undo: 'Restore the dumps if their databases were synced since, then start their units again.',
        },
      },
    ],
    after: [
      {
        ...step,
        id: 'start-others',
        title: `sync and start ${names}`,
        params: {
          instructions: [
            'Their packages are of the new release now. Sync their databases, then start their units:',
            ...lines('after'),
          ].join('\n'),
          proof: 'what the syncs printed, and that each of them answers',
          undo: 'Stop their units. Their databases are restored where the step that stopped them is taken back.',
        },
      },
    ],
  };
}
