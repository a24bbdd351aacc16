import { z } from 'zod';
import { PackageForecast } from '../../handlers/packages/forecast.ts';
import { ReleaseName } from '../knowledge/releases.ts';

/** A source of the distribution itself, as a host has it; `pocket` follows the codename in its suite, such as -updates. */
export const BaseSource = z.strictObject({
  file: z.string(),
  uri: z.string(),
  pocket: z.string(),
  components: z.array(z.string()),
  keyFile: z.string().exactOptional(),
  trusted: z.literal(true).exactOptional(),
});
export type BaseSource = z.infer<typeof BaseSource>;

/** Where an API answers on one of its hosts, as that host sees it. */
export const ApiPlace = z.strictObject({
  url: z.string(),
  /** Its certificate is not made for that address. */
  anyCertificate: z.literal(true).exactOptional(),
});
export type ApiPlace = z.infer<typeof ApiPlace>;

/** What inspection has found about a cloud, as far as a plan depends on it. What is left out was not looked at. */
export const CloudFacts = z.strictObject({
  /** The release that the packages are of. */
  series: ReleaseName.exactOptional(),
  /** Services that are of another one: the release to which a plan leads the others. */
  ahead: z.record(z.string(), ReleaseName).default({}),
  /** By the name that the service gives its database (`nova_api`), not by the one it has in this cloud. */
  databases: z
    .record(
      z.string(),
      z.strictObject({
        revision: z.string(),
        /** Rows that the next release's sync would refuse. */
        rowsBlocking: z.int().min(0).exactOptional(),
      }),
    )
    .default({}),
  /** The lowest number that a nova-compute has written into nova's services. */
  computeVersion: z.int().min(0).exactOptional(),
  /** The distribution release of the hosts. */
  codename: z.string().exactOptional(),
  rabbitmq: z.string().exactOptional(),
  /** What stands in the way of later releases, counted, by the id of its gate. */
  blocked: z.record(z.string(), z.int().min(0)).default({}),
  /** Hosts by project that the cloud file does not name and that has packages there. */
  unnamed: z.record(z.string(), z.array(z.string())).default({}),
  /** By host: the packages of OpenStack's projects that are installed. */
  installed: z.record(z.string(), z.array(z.string())).default({}),
  /** By host: units of its services that it does not have, although it has others of the same service. */
  missingUnits: z.record(z.string(), z.array(z.string())).default({}),
  /** By host: where it takes the distribution's own packages from. */
  bases: z.record(z.string(), z.array(BaseSource)).default({}),
  /** By service and host: where its API answers. */
  apis: z.record(z.string(), z.record(z.string(), ApiPlace)).default({}),
  /** By host: the folder that Apache serves the dashboard in, such as /horizon; empty: none. */
  dashboards: z.record(z.string(), z.string()).default({}),
  /** By host: what apt would do to it on the first hop. */
  forecast: z.record(z.string(), PackageForecast).default({}),
  /** The operator's files in the cloud's config directory (`kilo/all/etc/nova/nova.conf`), with their content. */
  configFiles: z.record(z.string(), z.string()).default({}),
});
export type CloudFacts = z.infer<typeof CloudFacts>;
