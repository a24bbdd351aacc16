import type { ChosenService } from '../plan/context.ts';

/** The databases that this cloud has, by the names that the services give them: optional ones are those that it names. */
export const databasesOf = ({
  chosen,
}: {
  readonly chosen: readonly ChosenService[];
}): ServiceDatabase[] =>
  chosen.flatMap(({ known, here }) => {
    const syncs = Object.values(known.series).flatMap(({ sync }) => sync);
    return known.databases
      .filter(
        (database) =>
          Object.hasOwn(here.databases, database) ||
          syncs.some(
            (sync) => [sync.database, ...(sync.also ?? [])].includes(database) && !sync.optional,
          ),
      )
      .map((database) => ({ service: known.name, database }));
  });

export interface ServiceDatabase {
  readonly service: string;
  readonly database: string;
}
