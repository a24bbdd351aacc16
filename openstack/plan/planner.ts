import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { type PlacedServices, servicesOf } from '../cloud/placed.ts';
import type { CloudFacts } from '../cloud/facts.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { planContext } from './context.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { deployments, deploymentsOf } from '../deployment/deployments.ts';
import { plannedHop } from './planned-hop.ts';
import { draftedHops } from './hop-steps.ts';
import { finishedSteps } from './finished-steps.ts';
import { planWords } from './description.ts';
import { type Hop, releasePath } from '../path/path.ts';
import { refuseUnfitCloud } from './refusals.ts';

export interface UpgradeRequest {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
  readonly facts: CloudFacts;
  /** A release, by name or number. */
  readonly target: string;
  /** Upgrade these services only. Unset: all that the cloud has. */
  readonly only?: readonly string[];
  /** The distribution release that hosts should have in the end. Unset: wherever the shortest path ends. */
  readonly codename?: string;
  /** When it is asked, ISO 8601. Unset: as the data was written. */
  readonly now?: string;
  /** Why the cloud goes straight to the target, whatever OpenStack supports; empty: it is only planned. */
  readonly unsupported?: string;
  /** The ways in which clouds may be deployed. Unset: all that the product has. */
  readonly deployments?: readonly Deployment[];
}

export interface PlannedRunbook extends Runbook {
  /** Of its description what fits on one screen: the upgrade path and its risks, a line each. */
  readonly overview: readonly string[];
}

/**
 * The runbook that leads a cloud to a release, hop by hop. Pure: the same request gives the same bytes. Throws an
 * OperatorError when there is no legal path, when a hop would leave a service behind, when packages or the operator's
 * files for it are missing, or when a schema is not where its release would have it.
 */
export function planUpgrade(request: UpgradeRequest): PlannedRunbook {
  const { knowledge, cloud, facts, only, now } = request;
  const wish = { isPartial: only !== undefined, reason: request.unsupported ?? '' };
  const services = servicesOf(cloud);
  const tools = deploymentsOf({ cloud, services }, request.deployments ?? deployments);
  const hops = hopsFor(request, services, tools[0]);
  const context = planContext({ knowledge, cloud, services, facts, hops }, only);
  refuseUnfitCloud(context, only);
  const planned = hops.map((hop) => plannedHop(context, hop, tools));
  const { notes, ...words } = planWords(context, planned, { ...wish, only, now });
  return { ...words, steps: finishedSteps(draftedHops(planned, { ...wish, notes })) };
}

/** The path; refused where there is nothing to do, and where a single service would have to move its host's release. */
function hopsFor(
  { knowledge, cloud, facts, target, only, codename, unsupported }: UpgradeRequest,
  services: PlacedServices,
  deployment: Deployment,
): Hop[] {
  const supported = releasePath(startOf(cloud, facts), target, knowledge);
  const hops = deployment.path(
    { ...supported, codename, isUnsupported: unsupported !== undefined },
    { knowledge, cloud, services, facts },
  );
  if (hops.length === 0) throw nothingToDo(cloud.name, supported.titles.to);
  const alone = hops.find((hop) => hop.from === hop.to);
  if (only !== undefined && alone !== undefined) throw wholeHostsOnly(cloud.name, alone);
  return hops;
}

function startOf(cloud: Cloud, facts: CloudFacts): string {
  const start = facts.series ?? cloud.series;
  if (start !== undefined) return start;
  throw new OperatorError(`planning an upgrade of cloud ${cloud.name}: its release is not known`, {
    name: 'NoRelease',
    hint: `Set series in ${cloud.name}.yaml, or inspect the cloud first.`,
  });
}

const nothingToDo = (cloud: string, title: string): OperatorError =>
  new OperatorError(`planning an upgrade of cloud ${cloud}: it runs ${title} already`, {
    name: 'NothingToDo',
    hint: 'Name a later release.',
  });

const wholeHostsOnly = (cloud: string, { codenames }: Hop): OperatorError =>
  new OperatorError(
    `planning an upgrade of cloud ${cloud}: its upgrade path goes through ${codenames?.to ?? ''}, which upgrades whole hosts and not single services`,
    { name: 'WholeHosts', hint: 'Plan without "only".' },
  );
