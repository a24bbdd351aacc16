import { OperatorError } from '../../handlers/contract/errors.ts';
import { fewNames } from '../../handlers/words/counts.ts';
import { nearestWord } from '../../jobs/files/nearest.ts';
import { schemaTruth } from '../inspect/schema-truth.ts';
import { refuseQueueJump } from '../path/queue-jump.ts';
import { noStepsKnown } from './planned-hop.ts';
import type { ChosenService, PlanContext } from './context.ts';

/** Throws what stands in the way of an upgrade as a whole, whatever its steps; `only`: of these services. `NoSteps` where nothing is known of one. */
export function refuseUnfitCloud(context: PlanContext, only?: readonly string[]): void {
  if (only !== undefined) refuseUnknownServices(context, only);
  const wanted = [...context.chosen, ...context.done];
  for (const one of wanted) refuseUnknownParts(context.cloud.name, one);
  const names = only ?? Object.keys(context.services.openstack);
  const [hop] = context.hops;
  const left = names.find((name) => !wanted.some(({ known }) => known.name === name));
  if (left !== undefined && hop !== undefined) throw noStepsKnown(context, left, hop);
  if (only === undefined) refuseUnnamedOvn(context);
  refuseOddSchemas(context);
  refuseQueueJump(context);
}

/**
 * Stopping OVN by hand, as for other projects that the file does not name, would cut instances off. Throws `OvnUnnamed` where it
 * is on a host that is upgraded whole.
 */
function refuseUnnamedOvn(context: PlanContext): void {
  const moved = context.moved;
  const hosts = (context.facts.unnamed['ovn'] ?? []).filter((host) => moved.includes(host));
  if (hosts.length === 0) return;
  throw new OperatorError(
    `planning an upgrade of cloud ${context.cloud.name}: OVN is on ${fewNames(hosts, 5)}, and the cloud file does not name it`,
    {
      name: 'OvnUnnamed',
      hint: `Name it in ${context.cloud.name}.yaml, under services.openstack: ovn: { parts: { central: HOSTS, host: HOSTS } }. Its controllers have to be held while its central part is upgraded.`,
    },
  );
}

/** Throws `SchemaElsewhere` when a database that was looked at is not at the head of the release the path begins with. */
function refuseOddSchemas({ knowledge, cloud, facts, chosen, hops }: PlanContext): void {
  const [first] = hops;
  if (first === undefined) return;
  const start = first.from;
  for (const { known } of chosen) {
    for (const database of known.databases) {
      const found = facts.databases[database];
      if (found === undefined || knowledge.heads[database]?.heads[start] === undefined) continue;
      const truth = schemaTruth({ service: known.name, database, ...found }, knowledge);
      if (truth.kind === 'head' && truth.series.includes(start)) continue;
      const moves = truth.legalMoves.map(({ title }) => title).join('; or: ');
      throw new OperatorError(
        `planning an upgrade of cloud ${cloud.name} from ${first.titles.from}: database ${database} is ${truth.name}. ${truth.explanation}`,
        {
          name: 'SchemaElsewhere',
          hint:
            moves === ''
              ? 'Find out where this database comes from.'
              : `What may be done: ${moves}.`,
        },
      );
    }
  }
}

/** Throws `UnknownService` where none is named, or one that the cloud does not have. */
function refuseUnknownServices({ cloud, services }: PlanContext, only: readonly string[]): void {
  const there = Object.keys(services.openstack);
  const unknown = only.find((name) => !there.includes(name));
  if (unknown === undefined && only.length > 0) return;
  const meant = unknown === undefined ? undefined : nearestWord(unknown, there);
  throw new OperatorError(
    `looking for service ${JSON.stringify(unknown ?? '')} in cloud ${cloud.name}: not found; there are ${there.join(', ')}`,
    {
      name: 'UnknownService',
      hint: meant === undefined ? 'Name one or more of these.' : `Did you mean ${meant}?`,
    },
  );
}

function refuseUnknownParts(cloud: string, { known, here }: ChosenService): void {
  const parts = new Set(Object.values(known.series).flatMap((one) => Object.keys(one.parts)));
  const unknown = Object.keys(here.parts).find((part) => !parts.has(part));
  if (unknown === undefined) return;
  const meant = nearestWord(unknown, parts);
  throw new OperatorError(
    `looking for part ${unknown} of ${known.name} in cloud ${cloud}: ${known.name} has ${[...parts].join(', ')}`,
    {
      name: 'UnknownPart',
      hint: meant === undefined ? 'Use one of these.' : `Did you mean ${meant}?`,
    },
  );
}
