import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Runbook, StepSpec } from '../../jobs/files/runbook.ts';
import { servicesOf } from '../cloud/placed.ts';
import { CloudFacts } from '../cloud/facts.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import {
  type ChosenService,
  type PlanContext,
  planContext,
  upgradingOnly,
} from '../plan/context.ts';
import { finishedSteps } from '../plan/finished-steps.ts';
import type { StepDraft } from '../plan/step-drafts.ts';
import { deployments, deploymentsOf } from '../deployment/deployments.ts';
import { plannedHop } from '../plan/planned-hop.ts';
import { type Hop, hopOf } from '../path/path.ts';
import { schemaTruth, type SchemaTruth } from '../inspect/schema-truth.ts';
import { type ReleaseName, releaseNameTitle } from '../knowledge/releases.ts';

export interface RepairContext {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
}

interface WayOutRequest {
  readonly hop: Pick<Hop, 'from' | 'to'>;
  readonly steps: readonly string[];
  /** Where the step failed. */
  readonly hosts?: readonly string[];
}

/**
 * The steps that a signature's fix or a legal move names, for this cloud and hop. Programs of a release other than
 * the hop's target run as the cloud says under `programs`; where it does not, its packages come back meanwhile.
 */
export function planFixSteps(
  place: RepairContext,
  { hop: on, steps, hosts }: WayOutRequest,
): StepSpec[] {
  const hop = hopOf({ ...on, rule: 'way-out' });
  const context = contextFor(place, hop, hosts);
  const drafts = steps.flatMap((id) => {
    const service = place.knowledge.steps[id]?.service;
    const chosen = context.chosen.find(({ known }) => known.name === service);
    return chosen === undefined ? [] : dataSteps(context, { chosen, hop, steps: [id] });
  });
  return finishedSteps([{ hop, steps: drafts }]);
}

interface HealRequest extends RepairContext {
  readonly service: string;
  /** Default: the database named like the service. */
  readonly database?: string;
  readonly revision: string | number;
  readonly rowsBlocking?: number;
  /** The release that the service's packages are of; unset where nobody looked. */
  readonly installed?: readonly ReleaseName[];
}

/**
 * Leads a schema that stopped between two releases forward to the later one, whose packages are installed: the data that
 * blocked it, then its sync, then the services that it stopped. Pure. Throws `NothingToHeal` at a release's head, `UnknownSchema` where nothing is known.
 */
export function planHeal({ knowledge, cloud, ...question }: HealRequest): Runbook {
  const truth = schemaTruth(question, knowledge);
  const [from, to] = truth.series;
  if (truth.kind !== 'between' || from === undefined || to === undefined)
    throw notBetween(question, truth);
  const context = contextFor({ knowledge, cloud }, hopOf({ from, to, rule: 'heal' }));
  const chosen = context.chosen.find(({ known }) => known.name === question.service);
  const [hop] = context.hops;
  if (chosen === undefined || hop === undefined) throw notHere(question.service, cloud.name);
  if (question.installed !== undefined && !question.installed.includes(to))
    throw notInstalled(question, to);
  const database = question.database ?? question.service;
  const data = truth.legalMoves.flatMap(({ steps, action }) =>
    action === 'data-migration' ? steps : [],
  );
  const tools = deploymentsOf(context, deployments);
  const alone = plannedHop(upgradingOnly(context, [chosen]), hop, tools);
  const { deployment } = alone;
  const drafts = [
    ...deployment.steps(alone, { do: 'stop' }),
    ...deployment.steps(alone, { do: 'back up', what: 'databases', of: alone.all }),
    ...dataSteps(context, { chosen, hop, steps: data }),
    ...alone.all.flatMap((of) => [
      // Its services start with all of its databases at their heads.
      ...deployment.steps(alone, { do: 'sync schema', of }),
      ...deployment.steps(alone, { do: 'start', of, which: 'main' }),
      ...deployment.steps(alone, { do: 'start', of, which: 'others', batch: 1 }),
    ]),
  ];
  return {
    title: `Finish the interrupted schema migration of ${database} on ${cloud.name} (${question.revision} to ${releaseNameTitle(to)})`,
    description: `${database} is ${truth.name}. ${truth.explanation} [${truth.source}]`,
    steps: finishedSteps([
      {
        hop,
        steps: drafts.map((draft, index) => (index === 0 ? { ...draft, approval: true } : draft)),
      },
    ]),
  };
}

function contextFor(
  { knowledge, cloud }: RepairContext,
  hop: Hop,
  failed: readonly string[] = [],
): PlanContext {
  const services = servicesOf(cloud);
  const facts = CloudFacts.parse({});
  return planContext({ knowledge, cloud, services, facts, hops: [hop], failed });
}

interface Data {
  readonly chosen: ChosenService;
  readonly hop: Hop;
  readonly steps: readonly string[];
}

/** Where the older release's programs are needed and not at hand, its packages come back for as long as that takes. */
function dataSteps(context: PlanContext, { chosen, hop, steps }: Data): StepDraft[] {
  const older = steps
    .map((id) => context.knowledge.steps[id]?.code)
    .find((code) => code !== undefined && code !== hop.to);
  const tools = deploymentsOf(context, deployments);
  const place = plannedHop(upgradingOnly(context, []), hop, tools);
  const { deployment } = place;
  const work = steps.flatMap((id) =>
    deployment.steps(place, { do: 'known step', id }).map((step) => byPrograms(context, id, step)),
  );
  if (older === undefined || context.services.programs[older] !== undefined) return work;
  const narrow = upgradingOnly(context, [whereMain(chosen)]);
  const swap = (on: Hop, to: 'older' | 'newer'): StepDraft[] =>
    deployment
      .steps(plannedHop(narrow, on, [deployment]), { do: 'swap programs', to })
      .map((step) => ({ ...step, mark: on.mark }));
  return [
    ...swap(hopOf({ from: hop.to, to: older, rule: hop.rule }), 'older'),
    ...work,
    ...swap(hop, 'newer'),
  ];
}

/** The service on the hosts of its main part alone: where its commands run. */
function whereMain(chosen: ChosenService): ChosenService {
  const mains = chosen.mainHosts;
  const parts = Object.keys(chosen.here.parts).flatMap((part): [string, string[]][] => {
    const on = (chosen.here.parts[part] ?? []).filter((host) => mains.includes(host));
    return on.length === 0 ? [] : [[part, on]];
  });
  return { ...chosen, here: { ...chosen.here, parts: Object.fromEntries(parts), hosts: mains } };
}

/** Programs of a release that is not the hop's target, where the cloud says how they run. */
function byPrograms(
  { knowledge, services, hops: [hop] }: PlanContext,
  id: string,
  step: StepDraft,
): StepDraft {
  const code = knowledge.steps[id]?.code;
  const prefix = code === undefined || code === hop?.to ? undefined : services.programs[code];
  return prefix === undefined ? step : { ...step, params: withPrefix(step.params, prefix) };
}

const withPrefix = (
  params: StepDraft['params'],
  prefix: readonly string[],
): StepDraft['params'] => {
  const { run } = params;
  // chroot needs root; `chroot --userspec=nova:nova` gives it up again.
  return Array.isArray(run)
    ? { ...params, run: [...prefix, ...(run as unknown[])], user: 'root' }
    : params;
};

function notBetween(
  { service, database, revision }: Omit<HealRequest, keyof RepairContext>,
  truth: SchemaTruth,
): OperatorError {
  const what = `looking for a way forward for database ${database ?? service} at ${revision}: it is ${truth.name}`;
  return truth.kind === 'head'
    ? new OperatorError(what, { name: 'NothingToHeal', hint: 'Plan an upgrade from there.' })
    : new OperatorError(`${what}. ${truth.explanation}`, {
        name: 'UnknownSchema',
        hint: 'Find out where this database comes from.',
      });
}

const notInstalled = (
  { service, revision, installed = [] }: Omit<HealRequest, keyof RepairContext>,
  to: ReleaseName,
): OperatorError =>
  new OperatorError(
    `leading ${service}'s schema on from ${revision}: that takes ${releaseNameTitle(to)}'s programs, and its packages are ${installed.map(releaseNameTitle).join(' and ') || 'not there'}`,
    {
      name: 'WrongProgram',
      hint: `Install ${service} of ${releaseNameTitle(to)} first, then try again.`,
    },
  );

const notHere = (service: string, cloud: string): OperatorError =>
  new OperatorError(`looking for service ${service} in cloud ${cloud}: not found`, {
    name: 'UnknownService',
    hint: `Name it under services.openstack in ${cloud}.yaml.`,
  });
