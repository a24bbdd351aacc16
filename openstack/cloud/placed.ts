import type { Cloud } from '../../jobs/files/cloud.ts';
import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import { type CloudService, type CloudServices, writtenServices } from './services.ts';

type Hosts = readonly string[];
type At<T> = Omit<T, 'on'> & { readonly on: Hosts };

/** A service of a cloud, with the hosts of each part in the order of the cloud's file. */
export interface PlacedService extends Omit<CloudService, 'parts' | 'cells'> {
  readonly parts: Readonly<Record<string, Hosts>>;
  /** All that have a part of it, in the same order. */
  readonly hosts: Hosts;
  readonly cells: Readonly<Record<string, At<CloudService['cells'][string]>>>;
}

type Somewhere = 'database' | 'loadBalancer' | 'memcached' | 'rabbitmq' | 'openrc' | 'openstack';

/** What runs where, by hosts instead of roles. */
export interface PlacedServices extends Omit<CloudServices, Somewhere> {
  readonly database: At<CloudServices['database']>;
  readonly loadBalancer?: At<NonNullable<CloudServices['loadBalancer']>>;
  readonly memcached: readonly At<CloudServices['memcached'][number]>[];
  readonly rabbitmq?: At<NonNullable<CloudServices['rabbitmq']>>;
  readonly openrc?: At<NonNullable<CloudServices['openrc']>>;
  readonly openstack: Readonly<Record<string, PlacedService>>;
}

/** What runs on which hosts of a cloud. Throws `NoServices`, `BadServices` with every problem, or `UnknownPlace`. */
export const servicesOf = (cloud: Pick<Cloud, 'name' | 'services' | 'hosts'>): PlacedServices =>
  placedServices(cloud, writtenServices(cloud));

/** Throws `UnknownPlace` for a role or host that the cloud does not have. */
function placedServices(
  cloud: Pick<Cloud, 'name' | 'hosts'>,
  { database, loadBalancer, memcached, rabbitmq, openrc, openstack, ...rest }: CloudServices,
): PlacedServices {
  const at = <T extends { readonly on: string | string[] }>({ on, ...one }: T): At<T> => ({
    ...one,
    on: hostsOnCloud(cloud, on),
  });
  return {
    ...rest,
    database: at(database),
    ...(loadBalancer !== undefined && { loadBalancer: at(loadBalancer) }),
    memcached: memcached.map(at),
    ...(rabbitmq !== undefined && { rabbitmq: at(rabbitmq) }),
    ...(openrc !== undefined && { openrc: at(openrc) }),
    openstack: each(openstack, ({ parts, cells, ...one }) => ({
      ...one,
      parts: each(parts, (on) => hostsOnCloud(cloud, on)),
      hosts: hostsOnCloud(cloud, Object.values(parts).flat()),
      cells: each(cells, at),
    })),
  };
}

const each = <T, U>(record: Readonly<Record<string, T>>, make: (value: T) => U) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, make(value)]));
