import { OperatorError } from '../../handlers/contract/errors.ts';
import type { PlanContext } from './context.ts';
import { schemaTruth } from '../inspect/schema-truth.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';

/** Throws `SchemaElsewhere` when a database that was looked at is not at the head of the release the path begins with. */
export function refuseOddSchemas({ knowledge, cloud, facts, chosen, hops }: PlanContext): void {
  const start = hops[0]?.from;
  if (start === undefined) return;
  for (const { known } of chosen) {
    for (const database of known.databases) {
      const found = facts.databases[database];
      if (found === undefined || knowledge.heads[database]?.heads[start] === undefined) continue;
      const truth = schemaTruth({ service: known.name, database, ...found }, knowledge);
      if (truth.kind === 'head' && truth.series.includes(start)) continue;
      const moves = truth.legalMoves.map(({ title }) => title).join('; or: ');
      throw new OperatorError(
        `planning an upgrade of cloud ${cloud.name} from ${releaseNameTitle(start)}: database ${database} is ${truth.name}. ${truth.explanation}`,
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
