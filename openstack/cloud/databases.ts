import type { ChosenService } from '../plan/context.ts';
import type { PlacedServices } from './placed.ts';

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

/** What the cloud calls a database. */
export const databaseName = (
  { services }: { readonly services: Pick<PlacedServices, 'openstack'> },
  name: string,
): string => {
  const own = Object.values(services.openstack).find((one) => Object.hasOwn(one.databases, name));
  return own?.databases[name] ?? name;
};
