import { OperatorError } from '../../handlers/contract/errors.ts';
import type { InspectedDatabase, Inspection } from '../inspect/inspection.ts';

/**
 * The database that stopped between two releases, or the one of that name. Throws `NothingToHeal` where there is none,
 * `WhichDatabase` where there are several, and `SchemaUnseen` where nobody could look.
 */
export function interruptedDatabase(
  { cloud, databases, silent }: Pick<Inspection, 'cloud' | 'databases' | 'silent'>,
  named?: string,
): InspectedDatabase {
  const found = databases.filter(({ truth }) => truth?.kind === 'between');
  const [first, ...others] = found;
  const meant =
    named === undefined
      ? first
      : databases.find(({ name, called }) => name === named || called === named);
  const looking = `looking for a schema on ${cloud} that stopped between two releases`;
  if (meant === undefined || (named === undefined && others.length > 0)) {
    const [unseen] = silent;
    if (unseen !== undefined && found.length === 0)
      throw new OperatorError(`${looking}: no answer from ${unseen.host}: ${unseen.message}`, {
        name: 'SchemaUnseen',
        hint: unseen.hint,
      });
    throw nothing(cloud, { looking, named, found, databases });
  }
  if (meant.revision === undefined)
    throw new OperatorError(
      `${looking}: the revision of ${meant.called} is not known: ${meant.problem ?? ''}`,
      { name: 'SchemaUnseen', hint: `/upgrade inspect ${cloud}` },
    );
  return meant;
}

interface Looked {
  readonly looking: string;
  readonly named: string | undefined;
  readonly found: readonly InspectedDatabase[];
  readonly databases: readonly InspectedDatabase[];
}

function nothing(cloud: string, { looking, named, found, databases }: Looked): OperatorError {
  const list = databases
    .map(({ called, truth, revision }) => `${called} ${truth?.name ?? revision ?? 'not known'}`)
    .join(', ');
  if (named !== undefined)
    return new OperatorError(`${looking}: there is no database ${named}; there are ${list}`, {
      name: 'UnknownDatabase',
      hint: 'Name one of these.',
    });
  return found.length > 1
    ? new OperatorError(`${looking}: several stopped between two releases: ${list}`, {
        name: 'WhichDatabase',
        hint: found.map(({ called }) => `/upgrade heal ${cloud} ${called}`).join('\n'),
      })
    : new OperatorError(`${looking}: none stopped between two releases: ${list}`, {
        name: 'NothingToHeal',
        hint: `/upgrade inspect ${cloud} shows all of it.`,
      });
}
