import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { byReleaseName } from '../../handlers/words/release-word.ts';
import { UserName } from '../../handlers/contract/command.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { checkValue } from '../../jobs/files/expected.ts';
import { ReleaseName } from '../knowledge/releases.ts';
import { yamlPathText } from '../../jobs/files/yaml-path.ts';

const place = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const path = z.string().regex(/^(\/[^/\0\n]+)+$/, 'expected an absolute path');
const database = z.string().regex(/^[A-Za-z0-9_$]+$/, 'expected the name of a database');

/** A release's number stands for its name. */
const releaseKeys = (kept: unknown): unknown => {
  const read = z.record(z.string(), z.unknown()).safeParse(kept);
  return read.success ? byReleaseName(read.data) : kept;
};

const OptionChange = z
  .strictObject({
    part: z.string().min(1).describe('The part whose hosts have the file.'),
    path: path.describe('The file.'),
    section: z.string().min(1),
    option: z.string().min(1),
    value: z
      .union([z.string(), z.array(z.string()).min(1)])
      .exactOptional()
      .describe('What it is set to; a list for an option that stands there several times.'),
    absent: z.literal(true).exactOptional().describe('true: the option must not be there.'),
    why: z.string().min(1).describe('For whoever reads the plan.'),
  })
  .refine(({ value, absent }) => (value === undefined) === (absent === true), {
    message: 'expected either value, or absent: true',
    path: ['value'],
  });

const Mirror = z
  .strictObject({
    uri: z.string().min(1).describe('A mirror of the distribution.'),
    components: z.array(z.string().min(1)).min(1).default(['main']),
    pockets: z
      .array(z.string().regex(/^(-[a-z-]+)?$/, 'expected "", or such as -updates'))
      .min(1)
      .default([''])
      .describe('What follows the codename in its suites, such as ["", -updates, -security].'),
    keyFile: path.exactOptional().describe('The key file on the hosts that signs it.'),
    trusted: z.boolean().exactOptional().describe('true: no signature is asked for.'),
    lists: z
      .array(path)
      .exactOptional()
      .describe(
        'The files that name the old release, which go. Default: sources.list, and the one that the distribution ships.',
      ),
  })
  .describe("The distribution's own archive, for hosts that get its next release.");

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
  url: z
    .url({ protocol: /^https?$/ })
    .exactOptional()
    .describe(
      'Where its API answers, as its own host sees it, where not at http://ADDRESS and its usual port: https://ctl.example.org:9292; of the dashboard, with its folder.',
    ),
  options: z
    .preprocess(releaseKeys, z.partialRecord(ReleaseName, z.array(OptionChange).min(1)))
    .default({})
    .describe('Your own option changes: set when a release is reached, before the part starts.'),
  names: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('What nova calls hosts, where not as this file does.'),
  cells: z
    .record(z.string(), z.strictObject({ database, on: place }))
    .default({})
    .describe(
      "nova's further cells: the database of each, and the hosts of its conductors, whose nova.conf names that database.",
    ),
});

/** The `services` section of a cloud file: what runs where. */
export const CloudServices = z
  .strictObject({
    packages: z
      .strictObject({
        codename: z.string().min(1).describe('The distribution release, such as trusty.'),
        archive: z
          .union([
            z.literal('none'),
            z.strictObject({
              uri: z.string().min(1).describe('A mirror of the cloud archive.'),
              keyFile: path.exactOptional().describe('The key file on the hosts that signs it.'),
              trusted: z.boolean().exactOptional().describe('true: no signature is asked for.'),
            }),
          ])
          .exactOptional()
          .describe('Cloud archive or backports. none: the hosts reach none.'),
        mirror: Mirror.exactOptional(),
      })
      .exactOptional()
      .describe('Where packages come from. Clouds that another tool deploys may leave it out.'),
    deployment: z
      .looseObject({ tool: z.string().min(1).describe('What deploys the cloud.') })
      .exactOptional()
      .describe(
        'What deploys the cloud, where not the packages of its distribution, with its settings.',
      ),
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
              servers: z
                .record(z.string(), z.string().min(1))
                .exactOptional()
                .describe('What it calls its servers, by host, where not as this file does.'),
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
      .describe('Where keystone of the target release keeps tokens.'),
    tokenFlush: z
      .strictObject({ user: UserName.default('keystone'), line: z.string().min(1) })
      .exactOptional()
      .describe('The cron line that flushes tokens, put back at the end where tokens stay in SQL.'),
    memcached: z
      .array(z.strictObject({ on: place, port: z.int().min(1).max(65535).default(11211) }))
      .default([])
      .describe(
        "Where memcached runs, at the hosts' addresses. Hops that need it have it emptied.",
      ),
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
      .preprocess(releaseKeys, z.record(z.string(), z.array(z.string().min(1)).min(1)))
      .default({})
      .describe(
        'Words that run the programs of a release that is not installed, such as { kilo: [chroot, --userspec=nova:nova, /srv/kilo] }. They are run as root.',
      ),
    computes: z
      .strictObject({
        batch: z
          .int()
          .min(1)
          .default(1)
          .describe(
            'How many hosts of a zone at a time; one of a zone stays for instances that leave the others.',
          ),
        drain: z
          .enum(['live', 'cold', 'skip'])
          .default('live')
          .describe('How instances leave a host before its packages; skip: they stay.'),
        reason: z.string().min(1).exactOptional().describe('Why instances stay.'),
        timeout: z.int().min(60).max(86_400).default(3600).describe('Seconds for one host.'),
      })
      .refine(({ drain, reason }) => drain !== 'skip' || reason !== undefined, {
        message: 'expected a reason, as instances stay on hosts that are upgraded',
        path: ['reason'],
      })
      .prefault({})
      .describe('How hosts of nova-compute are upgraded.'),
    smoke: z
      .strictObject({
        image: z.string().min(1).exactOptional(),
        flavor: z.string().min(1).exactOptional(),
        network: z.string().min(1).exactOptional(),
        survivors: z
          .array(z.string().min(1))
          .default([])
          .describe('Servers that have to be ACTIVE before and after.'),
        volume: z
          .boolean()
          .exactOptional()
          .describe('Whether a volume is made. Default: with cinder.'),
      })
      .prefault({})
      .describe('What the trial of the cloud uses. It needs openrc.'),
    openstack: z.record(z.string(), Service).describe('The services of OpenStack.'),
  })
  .refine(({ packages, deployment }) => packages !== undefined || deployment !== undefined, {
    message: 'expected where packages come from, or what else deploys the cloud',
    path: ['packages'],
  })
  .describe('What runs where: OpenStack services, databases, load balancer.');
export type CloudServices = z.infer<typeof CloudServices>;
export type CloudService = z.infer<typeof Service>;

/** The checked `services` of a cloud as its file has them. Throws `NoServices` or `BadServices`. */
export function writtenServices(cloud: Pick<Cloud, 'name' | 'services'>): CloudServices {
  if (cloud.services === undefined)
    throw new OperatorError(`reading the services of cloud ${cloud.name}: it names none`, {
      name: 'NoServices',
      hint: `Say under services in ${cloud.name}.yaml what runs where.`,
    });
  const checked = checkValue(CloudServices, cloud.services);
  if (checked.ok) return checked.value;
  const problems = checked.problems.map(
    ({ path: where, expected }) => `${yamlPathText(['services', ...where])}: ${expected}`,
  );
  throw new OperatorError([`reading the services of cloud ${cloud.name}`, ...problems].join('\n'), {
    name: 'BadServices',
    hint: `Correct these keys in ${cloud.name}.yaml.`,
  });
}
