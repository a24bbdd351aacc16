import { OperatorError } from '../../handlers/errors.ts';
import type { Cloud } from '../cloud.ts';
import { nearest } from '../nearest.ts';
import type { Runbook } from '../runbook.ts';
import { type CloudServices, servicesOf } from './cloud-services.ts';
import type { Facts } from './facts.ts';
import type { Knowledge } from './knowledge.ts';
import { knownIssues } from './known-issues.ts';
import {
  type ChosenService,
  type Context,
  finished,
  hostsOfPart,
  movedHosts,
} from './plan-context.ts';
import { closingSteps, openingSteps } from './plan-frame.ts';
import { hopSteps } from './plan-hop.ts';
import { noSteps } from './plan-service.ts';
import { type Hop, road, seriesNamed } from './road.ts';
import { refuseOddSchemas } from './schema-start.ts';
import { titleOf } from './series.ts';

export interface UpgradeRequest {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
  readonly facts: Facts;
  /** A series, by name or number. */
  readonly target: string;
  /** Upgrade these services only. Unset: all that the cloud has. */
  readonly only?: readonly string[];
}

/**
 * The runbook that leads a cloud to a series, hop by hop. Pure: the same request gives the same bytes. Throws an
 * OperatorError when there is no legal road, when a hop would leave a service behind, when packages or the operator's
 * files for it are missing, or when a schema is not where its series would have it.
 */
export function planUpgrade(request: UpgradeRequest): Runbook {
  const context = contextOf(request);
  refuseOddSchemas(context);
  const steps = context.hops.flatMap((hop, index) => {
    const drafts = [...(index === 0 ? openingSteps(context) : []), ...hopSteps(context, hop)];
    // People look again before each hop.
    return drafts.map((draft, at) =>
      at === 0 ? { ...draft, approval: true, notes: notesOn(context, hop) } : draft,
    );
  });
  return {
    title: titleFor(context, request.only),
    description: descriptionOf(context),
    steps: finished([...steps, ...closingSteps(context)]),
  };
}

function contextOf({ knowledge, cloud, facts, target, only }: UpgradeRequest): Context {
  const services = servicesOf(cloud);
  const hops = road(startOf(cloud, facts), target, knowledge);
  if (hops.length === 0) throw nothingToDo(cloud.name, seriesNamed(target, knowledge.series));
  const { codename } = services.packages;
  const distribution = knowledge.distributions.distributions[codename];
  if (distribution === undefined)
    throw unknownCodename(codename, Object.keys(knowledge.distributions.distributions));
  for (const hop of hops)
    if (![distribution.own, ...distribution.archive].includes(hop.to))
      throw notPackaged(codename, hop);
  const names = chosenNames(cloud.name, services, only);
  const chosen = knowledge.order.flatMap((name) => chosenOf(name, { names, knowledge, services }));
  for (const one of chosen) refuseUnknownParts(cloud.name, one);
  const left = names.find((name) => !chosen.some(({ known }) => known.name === name));
  const context = { knowledge, cloud, services, facts, hops, manager: distribution.init, chosen };
  const [hop] = hops;
  if (left !== undefined && hop !== undefined) throw noSteps(context, left, hop);
  return context;
}

interface Choice {
  readonly names: readonly string[];
  readonly knowledge: Knowledge;
  readonly services: CloudServices;
}

function chosenOf(name: string, { names, knowledge, services }: Choice): ChosenService[] {
  const [known, here] = [knowledge.services[name], services.openstack[name]];
  return known === undefined || here === undefined || !names.includes(name)
    ? []
    : [{ known, here }];
}

function refuseUnknownParts(cloud: string, { known, here }: ChosenService): void {
  const parts = new Set(Object.values(known.series).flatMap((one) => Object.keys(one.parts)));
  const unknown = Object.keys(here.parts).find((part) => !parts.has(part));
  if (unknown === undefined) return;
  const meant = nearest(unknown, parts);
  throw new OperatorError(
    `looking for part ${unknown} of ${known.name} in cloud ${cloud}: ${known.name} has ${[...parts].join(', ')}`,
    {
      name: 'UnknownPart',
      hint: meant === undefined ? 'Use one of these.' : `Did you mean ${meant}?`,
    },
  );
}

function startOf(cloud: Cloud, facts: Facts): string {
  const start = facts.series ?? cloud.series;
  if (start !== undefined) return start;
  throw new OperatorError(`planning an upgrade of cloud ${cloud.name}: its series is not known`, {
    name: 'NoSeries',
    hint: `Set series in ${cloud.name}.yaml, or inspect the cloud first.`,
  });
}

function chosenNames(cloud: string, services: CloudServices, only?: readonly string[]): string[] {
  const there = Object.keys(services.openstack);
  if (only === undefined) return there;
  const unknown = only.find((name) => !there.includes(name));
  if (unknown === undefined && only.length > 0) return [...new Set(only)];
  const meant = unknown === undefined ? undefined : nearest(unknown, there);
  throw new OperatorError(
    `looking for service ${JSON.stringify(unknown ?? '')} in cloud ${cloud}: not found; there are ${there.join(', ')}`,
    {
      name: 'UnknownService',
      hint: meant === undefined ? 'Name one or more of these.' : `Did you mean ${meant}?`,
    },
  );
}

const titleFor = ({ cloud, hops }: Context, only?: readonly string[]): string => {
  const [from, to] = [hops[0]?.from ?? 'juno', hops.at(-1)?.to ?? 'juno'];
  const what = only === undefined ? '' : ` (only ${only.join(', ')})`;
  return `Upgrade ${cloud.name} from ${titleOf(from)} to ${titleOf(to)}${what}`.slice(0, 150);
};

function descriptionOf(context: Context): string {
  const { hops, chosen } = context;
  const names = chosen.map(({ known }) => known.name);
  const stops = [...hops.slice(0, 1).map(({ from }) => from), ...hops.map(({ to }) => to)];
  return [
    `Road: ${stops.map(titleOf).join(', ')}. Services: ${names.join(', ')}.`,
    ...neighbours(context),
    ...hops.flatMap((hop) => [
      `Known about ${titleOf(hop.from)} to ${titleOf(hop.to)}:`,
      ...issuesOn(context, hop).map((issue) => `- ${issue}`),
    ]),
  ].join('\n');
}

/** What to know before the hop is approved. */
const notesOn = (context: Context, hop: Hop): string[] => [
  ...(hop === context.hops[0] ? neighbours(context) : []),
  ...issuesOn(context, hop),
];

const issuesOn = ({ knowledge, chosen }: Context, hop: Hop): string[] =>
  knownIssues(
    knowledge,
    hop,
    chosen.map(({ known }) => known.name),
  ).map(({ title, text, source }) => `${title}. ${text} [${source}]`);

/** Services that stay at their release beside upgraded ones share libraries with them. */
function neighbours(context: Context): string[] {
  const { services, chosen, knowledge } = context;
  const moved = movedHosts(context);
  const beside = Object.entries(services.openstack)
    .filter(([name]) => !chosen.some(({ known }) => known.name === name))
    .filter(([name, here]) => {
      const known = knowledge.services[name];
      return (
        known !== undefined &&
        Object.keys(here.parts).some((part) =>
          hostsOfPart(context, { known, here }, part).some((host) => moved.includes(host)),
        )
      );
    })
    .map(([name]) => name);
  return beside.length === 0
    ? []
    : [
        `Not upgraded, but on the same hosts: ${beside.join(', ')}. They get newer shared libraries at their next restart.`,
      ];
}

const nothingToDo = (cloud: string, target: Hop['to']): OperatorError =>
  new OperatorError(`planning an upgrade of cloud ${cloud}: it runs ${titleOf(target)} already`, {
    name: 'NothingToDo',
    hint: 'Name a later series.',
  });

const unknownCodename = (codename: string, known: readonly string[]): OperatorError =>
  new OperatorError(
    `looking for distribution release ${codename}: not found; there are ${known.join(', ')}`,
    { name: 'UnknownDistribution', hint: 'Correct services.packages.codename in the cloud file.' },
  );

const notPackaged = (codename: string, { to }: Hop): OperatorError =>
  new OperatorError(`looking for packages of ${titleOf(to)} for ${codename}: there are none`, {
    name: 'NotPackaged',
    hint: 'Upgrade the operating system of the hosts first, with the OpenStack that both releases of it carry.',
  });
