import { z } from 'zod';
import { OperatorError } from '../../handlers/errors.ts';
import { UserName } from '../../handlers/command.ts';
import type { Cloud } from '../cloud.ts';
import { check } from '../expected.ts';
import { showPath } from '../yaml-path.ts';

const place = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const path = z.string().regex(/^(\/[^/\0\n]+)+$/, 'expected an absolute path');
const database = z.string().regex(/^[A-Za-z0-9_$]+$/, 'expected the name of a database');

const Service = z.strictObject({
  parts: z
    .record(z.string(), place)
    .describe(
      'Which hosts or roles each part runs on, such as { control: ctl, compute: compute }.',
    ),
  databases: z
    .record(z.string(), database)
    .default({})
    .describe(
      'What its databases are called where not as the service calls them; names the optional ones too.',
    ),
  without: z
    .array(z.string().min(1))
    .default([])
    .describe('Packages and units that this cloud does not have.'),
  address: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address its API listens on, as its own host sees it.'),
});

/** The `services` section of a cloud file: what runs where. */
export const CloudServices = z
  .strictObject({
    packages: z
      .strictObject({
        codename: z.string().min(1).describe('The distribution release, such as trusty.'),
        archive: z
          .strictObject({
            uri: z.string().min(1).describe('A mirror of the cloud archive.'),
            keyFile: path.exactOptional().describe('The key file on the hosts that signs it.'),
            trusted: z.boolean().exactOptional().describe('true: no signature is asked for.'),
          })
          .exactOptional(),
      })
      .describe('Where packages come from.'),
    database: z
      .strictObject({
        on: place.describe('The database host.'),
        defaultsFile: path.describe(
          'The MySQL option file (mode 0600) with host and login, the only one that is read: on it, and on the first host of each service, where schemas are synced.',
        ),
        backups: path.describe('Where dumps are kept on it.'),
      })
      .describe('The database server.'),
    loadBalancer: z
      .strictObject({
        on: place.describe('The HAProxy hosts.'),
        socket: path.describe('Its admin socket.'),
        backends: z
          .array(
            z.strictObject({
              name: z.string().min(1),
              service: z.string().min(1),
              keep: z.string().min(1).exactOptional().describe('Why it stays in during upgrades.'),
            }),
          )
          .min(1)
          .describe('The backends, in the order in which they are drained.'),
        waitSeconds: z.int().min(1).max(3600).default(120),
      })
      .exactOptional(),
    tokens: z
      .enum(['sql', 'memcache'])
      .default('sql')
      .describe('Where keystone of the target series keeps tokens.'),
    tokenFlush: z
      .strictObject({ user: UserName.default('keystone'), line: z.string().min(1) })
      .exactOptional()
      .describe('The cron line that flushes tokens, put back at the end where tokens stay in SQL.'),
    memcached: z
      .array(z.strictObject({ on: place, port: z.int().min(1).max(65535).default(11211) }))
      .default([]),
    rabbitmq: z
      .strictObject({ on: place })
      .exactOptional()
      .describe('The RabbitMQ hosts, which inspection asks for versions and queues.'),
    openrc: z
      .strictObject({ on: place, file: path })
      .exactOptional()
      .describe('A file on a host with the credentials that checks of the API read.'),
    configDirectory: z
      .string()
      .exactOptional()
      .describe(
        "The operator's files: <directory>/<series>/<all or host>/etc/... Relative to the clouds folder.",
      ),
    programs: z
      .record(z.string(), z.array(z.string().min(1)).min(1))
      .default({})
      .describe(
        'Words that run the programs of a series that is not installed, such as { kilo: [chroot, --userspec=nova:nova, /srv/kilo] }. They are run as root.',
      ),
    openstack: z.record(z.string(), Service).describe('The services of OpenStack.'),
  })
  .describe('What runs where: OpenStack services, databases, load balancer.');
export type CloudServices = z.infer<typeof CloudServices>;
export type CloudService = z.infer<typeof Service>;

/** The checked `services` of a cloud. Throws `NoServices` or `BadServices` with every problem. */
export function servicesOf(cloud: Pick<Cloud, 'name' | 'services'>): CloudServices {
  if (cloud.services === undefined)
    throw new OperatorError(`reading the services of cloud ${cloud.name}: it names none`, {
      name: 'NoServices',
      hint: `Say under services in ${cloud.name}.yaml what runs where.`,
    });
  const checked = check(CloudServices, cloud.services);
  if (checked.ok) return checked.value;
  const problems = checked.problems.map(
    ({ path: where, expected }) => `${showPath(['services', ...where])}: ${expected}`,
  );
  throw new OperatorError([`reading the services of cloud ${cloud.name}`, ...problems].join('\n'), {
    name: 'BadServices',
    hint: `Correct these keys in ${cloud.name}.yaml.`,
  });
}
