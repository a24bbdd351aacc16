import { OperatorError } from '../../handlers/errors.ts';
import type { Cloud } from '../cloud.ts';
import type { Runbook, StepSpec } from '../runbook.ts';
import { servicesOf } from './cloud-services.ts';
import { Facts } from './facts.ts';
import type { Knowledge } from './knowledge.ts';
import { type ChosenService, type Context, type Draft, finished } from './plan-context.ts';
import { backupSteps, movingOf, repositoryStep } from './plan-hop.ts';
import { mainPackages, syncSteps } from './plan-service.ts';
import { stepOfTemplate } from './plan-template.ts';
import { stopSteps } from './plan-units.ts';
import type { Hop } from './road.ts';
import { schemaTruth, type SchemaTruth } from './schema-truth.ts';
import { titleOf } from './series.ts';

interface Place {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
}

/**
 * The steps that a signature's way out or a legal move names, for this cloud and hop. Programs of a series other than
 * the hop's target run as the cloud says under `programs`.
 */
export function planWayOut(
  place: Place,
  { hop, steps }: { readonly hop: Pick<Hop, 'from' | 'to'>; readonly steps: readonly string[] },
): StepSpec[] {
  const context = contextFor(place, { ...hop, rule: 'way-out' });
  return finished(steps.flatMap((id) => foreignStep(context, id)));
}

export interface HealRequest extends Place {
  readonly service: string;
  /** Default: the database named like the service. */
  readonly database?: string;
  readonly revision: string | number;
  readonly rowsBlocking?: number;
}

/**
 * Leads a schema that stopped between two releases forward to the later one, whose packages are installed: the data that
 * blocked it, then its sync. Pure. Throws `NothingToHeal` at a release's head, `UnknownSchema` where nothing is known.
 */
export function planHeal({ knowledge, cloud, ...question }: HealRequest): Runbook {
  const truth = schemaTruth(question, knowledge);
  const [from, to] = truth.series;
  if (truth.kind !== 'between' || from === undefined || to === undefined)
    throw notBetween(question, truth);
  const context = contextFor({ knowledge, cloud }, { from, to, rule: 'heal' });
  const chosen = context.chosen.find(({ known }) => known.name === question.service);
  const [hop] = context.hops;
  if (chosen === undefined || hop === undefined) throw notHere(question.service, cloud.name);
  const moving = movingOf(context, chosen, hop);
  const database = question.database ?? question.service;
  const data = truth.legalMoves.flatMap(({ steps, action }) =>
    action === 'data-migration' ? steps : [],
  );
  const drafts = [
    ...stopSteps(context, [moving]),
    ...backupSteps(context, [moving]),
    ...dataSteps(context, { chosen, hop, steps: data }),
    ...syncSteps(context, moving).filter(({ id }) => id === `${to}-${database}-schema`),
  ];
  return {
    title: `Lead ${database} on ${cloud.name} from ${question.revision} to ${titleOf(to)}`,
    description: `${database} is ${truth.name}. ${truth.explanation} [${truth.source}]`,
    steps: finished(drafts.map((draft, at) => (at === 0 ? { ...draft, approval: true } : draft))),
  };
}

function contextFor({ knowledge, cloud }: Place, hop: Hop): Context {
  const services = servicesOf(cloud);
  const distribution = knowledge.distributions.distributions[services.packages.codename];
  const chosen = knowledge.order.flatMap((name) => {
    const [known, here] = [knowledge.services[name], services.openstack[name]];
    return known === undefined || here === undefined ? [] : [{ known, here }];
  });
  const manager = distribution?.init ?? 'systemd';
  return { knowledge, cloud, services, facts: Facts.parse({}), hops: [hop], manager, chosen };
}

interface Data {
  readonly chosen: ChosenService;
  readonly hop: Hop;
  readonly steps: readonly string[];
}

/** Where the older release's programs are needed and not at hand, its packages come back for as long as that takes. */
function dataSteps(context: Context, { chosen, hop, steps }: Data): Draft[] {
  const older = steps
    .map((id) => context.knowledge.steps[id]?.code)
    .find((code) => code !== undefined && code !== hop.to);
  const work = steps.flatMap((id) => foreignStep(context, id));
  if (older === undefined || context.services.programs[older] !== undefined) return work;
  const narrow = { ...context, chosen: [chosen], hops: [hop] };
  const back: Hop = { from: hop.to, to: older, rule: hop.rule };
  return [
    repositoryStep(narrow, back),
    ...repairSteps(narrow, back),
    ...work,
    repositoryStep(narrow, hop),
    ...mainPackages(narrow, movingOf(narrow, chosen, hop)),
  ];
}

function repairSteps(context: Context, back: Hop): Draft[] {
  return context.chosen.flatMap((chosen) =>
    mainPackages(context, movingOf(context, chosen, back)).map((step) => ({
      ...step,
      id: `${back.to}-${chosen.known.name}-repair`,
      title: `${titleOf(back.to)}: bring ${chosen.known.title}'s packages back on ${step.on.join(', ')}`,
      kind: 'package-repair',
      params: { series: back.to, packages: packagesOf(chosen.known.name, step) },
    })),
  );
}

/** What is installed by name, and all that carries the service's name: its parts depend on each other by exact version. */
function packagesOf(service: string, { params }: Draft): unknown[] {
  const { install } = params;
  return [...new Set([service, ...(Array.isArray(install) ? (install as unknown[]) : [])])];
}

function foreignStep(context: Context, id: string): Draft[] {
  const [hop] = context.hops;
  const code = context.knowledge.steps[id]?.code;
  if (hop === undefined) return [];
  const prefix =
    code === undefined || code === hop.to ? undefined : context.services.programs[code];
  return stepOfTemplate(context, hop, id).map((step) =>
    prefix === undefined ? step : { ...step, params: withPrefix(step.params, prefix) },
  );
}

const withPrefix = (params: Draft['params'], prefix: readonly string[]): Draft['params'] => {
  const { run } = params;
  // chroot needs root; `chroot --userspec=nova:nova` gives it up again.
  return Array.isArray(run)
    ? { ...params, run: [...prefix, ...(run as unknown[])], user: 'root' }
    : params;
};

function notBetween(
  { service, database, revision }: Omit<HealRequest, keyof Place>,
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

const notHere = (service: string, cloud: string): OperatorError =>
  new OperatorError(`looking for service ${service} in cloud ${cloud}: not found`, {
    name: 'UnknownService',
    hint: `Name it under services.openstack in ${cloud}.yaml.`,
  });
