import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { CloudServing, servingWithPaths } from './serving.ts';
import { Size } from './sizes.ts';
import { listNames, readNamedFile } from './named-files.ts';

const address = z.string().regex(
  // A name or IPv4 address, or an IPv6 address: with one colon it would be an address and a port.
  /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?)$/,
  'expected a host name or an IP address; a port goes under port',
);
const port = z.int().min(1).max(65535);
const path = z
  .string()
  .regex(
    /^(?!~[^/])[^\0]+$/,
    'expected a path: absolute, under ~/, or relative to the folder of this file',
  );
const user = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'expected the name of a login user');
const needsApprovals = z.int().min(1);

// Names of digits only would lose their order in a mapping, and `all` means every host.
const hostOrRole = z
  .string()
  .regex(
    /^(?!all$)(?=.*[a-z])[a-z0-9][a-z0-9.-]*$/,
    'expected lower-case letters, digits, dots and dashes with at least one letter, and not all',
  );

const slackId = z
  .string()
  .regex(
    /^[UWS][A-Z0-9]{2,}$/,
    'expected a Slack user id such as U012ABCDEF or a user-group id such as S012ABCDEF: in Slack open the profile or the group, press the three dots, then "Copy member ID" or "Copy group ID"',
  );

const slackUser = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, 'expected the Slack user id of one person, such as U012ABCDEF');

const Ssh = z.strictObject({
  user: user.describe('The user to log in as.'),
  port: port.default(22).describe('The port of sshd where a host does not name its own.'),
  key: path.describe('The private key file. Absolute, under ~/, or relative to this folder.'),
  knownHosts: path.describe(
    'The known_hosts file that pins every host key. A key that is not in it stops the step.',
  ),
  bastion: z
    .strictObject({
      address: address.describe('The machine to connect through.'),
      port: port.default(22).describe('The port of sshd on the bastion.'),
      user: user.exactOptional().describe('The user on the bastion, if another one.'),
      key: path.exactOptional().describe('The private key for the bastion, if another one.'),
    })
    .exactOptional()
    .describe('A machine that all connections go through.'),
  become: z
    .boolean()
    .default(false)
    .describe('Whether commands run as root through "sudo -n". The login user needs NOPASSWD.'),
});

const Host = z.strictObject({
  address: address.describe('A host name or an IP address, as known_hosts has it.'),
  port: port.exactOptional().describe('The port of sshd on this host, if another one.'),
  roles: z.array(hostOrRole).describe('What the host is for: steps name roles, hosts or all.'),
  zone: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected the name of an availability zone')
    .exactOptional()
    .describe("nova's availability zone of the host. Default: nova."),
});

const hosts = z
  .record(hostOrRole, Host)
  .superRefine((all, context) => {
    if (Object.keys(all).length === 0)
      context.addIssue({ code: 'custom', message: 'expected at least one host' });
    for (const [name, { roles }] of Object.entries(all)) {
      for (const [index, role] of roles.entries()) {
        if (role !== name && role in all)
          context.addIssue({
            code: 'custom',
            path: [name, 'roles', index],
            message: `expected a role with another name: ${role} is a host`,
          });
      }
    }
  })
  .meta({ minProperties: 1 });

const people = z
  .array(slackId)
  .min(1, 'expected at least one id: nobody may do anything by default');

const Access = z
  .strictObject({
    engineers: people.describe('Who may plan, start and steer runs: user or user-group ids.'),
    approvers: people.describe(
      'Who may approve: user or user-group ids. Nobody approves a run of their own.',
    ),
    rollbackAloneAfterMinutes: z
      .int()
      .min(1)
      .max(24 * 60)
      .exactOptional()
      .describe(
        'After how many minutes without an answer whoever asked for a rollback that takes a second person may go alone, with a reason. Without it: 10.',
      ),
    approvals: z
      .strictObject({
        reversible: needsApprovals.default(1).describe('For steps with undo commands.'),
        restorable: needsApprovals.default(1).describe('For steps that a backup covers.'),
        oneWay: needsApprovals.default(1).describe('For steps without a rollback.'),
      })
      .prefault({})
      .describe('How many approvals a step needs, by how it can be left.'),
    localUsers: z
      .record(user, slackUser)
      .exactOptional()
      .describe(
        'Users of the machine that the bot runs on, and the Slack user that each is: they can steer runs from there with npx hopscotch while Slack is down, with the rights of that Slack user.',
      ),
  })
  .superRefine((access, context) => {
    const most = mostApprovals(access);
    for (const [exit, count] of Object.entries(access.approvals)) {
      if (count > most)
        context.addIssue({
          code: 'custom',
          path: ['approvals', exit],
          message: `expected at most ${most}: nobody approves a run of their own, so more can never come together`,
        });
    }
  });

interface People {
  readonly engineers: readonly string[];
  readonly approvers: readonly string[];
}

/**
 * The most approvals that a run of one of these people can get. A user group has members that only Slack knows, so with
 * one among the approvers it is Infinity.
 */
export function mostApprovals({ engineers: requesters, approvers }: People): number {
  if (approvers.some((id) => id.startsWith('S'))) return Infinity;
  const counts = requesters.map((requester) => {
    return new Set(approvers.filter((approver) => approver !== requester)).size;
  });
  return Math.max(...counts);
}

export const Cloud = z
  .strictObject({
    name: z.string().describe('The name of the cloud: what the file is called, without .yaml.'),
    environment: z
      .enum(['production', 'verification'])
      .describe('Whether customers depend on it, or upgrades are tried on it first.'),
    series: z.string().exactOptional().describe('The OpenStack release it runs, such as "2024.1".'),
    channel: z
      .string()
      .regex(
        /^[CG][A-Z0-9]{2,}$/,
        'expected the id of a Slack channel such as C012ABCDEF: in Slack open the channel\'s details; the id is at the bottom of "About"',
      )
      .describe("The id of the Slack channel that follows this cloud's runs."),
    ssh: Ssh.describe('How to reach the hosts.'),
    hosts: hosts.describe('The hosts by name. Steps visit them in this order.'),
    access: Access.describe('Who may do what.'),
    rehearsalDays: z
      .int()
      .min(1)
      .max(366)
      .default(30)
      .describe('How many days a rehearsal counts before an upgrade of a production cloud.'),
    outputLimit: Size.exactOptional().describe(
      'What a step may write on one host before it is ended there, such as 64MiB. Without it: 1GiB.',
    ),
    serving: CloudServing.exactOptional(),
    services: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .describe('What runs where: OpenStack services, databases, load balancer.'),
  })
  .describe('One OpenStack cloud: its hosts, how to reach them and who may change them.');
export type Cloud = z.infer<typeof Cloud>;

/** One host with all that a connection to it needs. `host` is its name for people. */
export const HostTarget = z.strictObject({
  host: z.string(),
  address: z.string(),
  port,
  user: z.string(),
  key: z.string(),
  knownHosts: z.string(),
  bastion: z
    .strictObject({ address: z.string(), port, user: z.string(), key: z.string() })
    .exactOptional(),
});
export type HostTarget = z.infer<typeof HostTarget>;

/** The names of the clouds in a folder, sorted. */
export const listClouds = (dir: string): Promise<string[]> => listNames({ dir, noun: 'cloud' });

/**
 * One cloud, its paths made absolute. Throws `UnknownCloud` with the names there are, or `BadFile` with every problem
 * and its line.
 */
export async function loadCloud(dir: string, name: string): Promise<Cloud> {
  const cloud = await readNamedFile({ dir, noun: 'cloud' }, { name, ...cloudNamed(name) });
  const absolute = absoluteIn(dir);
  return {
    ...cloud,
    ssh: withPaths(cloud.ssh, absolute),
    ...(cloud.serving && { serving: servingWithPaths(cloud.serving, absolute) }),
  };
}

interface CloudReading {
  readonly schema: z.ZodType<Cloud>;
  readonly lastRead: Map<string, { readonly text: string; readonly value: Cloud }>;
}

const cloudReadings = new Map<string, CloudReading>();

function cloudNamed(name: string): CloudReading {
  const known = cloudReadings.get(name);
  if (known !== undefined) return known;
  const schema = Cloud.extend({
    name: z.literal(name, { error: `expected ${name}, as the file is called` }),
  });
  // Names come from people: only the last of them are kept.
  if (cloudReadings.size > 100) cloudReadings.clear();
  const reading = { schema, lastRead: new Map() };
  cloudReadings.set(name, reading);
  return reading;
}

const absoluteIn =
  (dir: string) =>
  (written: string): string =>
    resolve(dir, written.replace(/^~(?=\/|$)/, homedir()));

function withPaths(
  { bastion, ...ssh }: Cloud['ssh'],
  absolute: (written: string) => string,
): Cloud['ssh'] {
  return {
    ...ssh,
    key: absolute(ssh.key),
    knownHosts: absolute(ssh.knownHosts),
    ...(bastion && {
      bastion: { ...bastion, ...(bastion.key !== undefined && { key: absolute(bastion.key) }) },
    }),
  };
}

/** How to reach one host of the cloud. Throws `UnknownHost`. */
export function hostTarget({ name, ssh, hosts: all }: Cloud, host: string): HostTarget {
  const found = Object.hasOwn(all, host) ? all[host] : undefined;
  if (found === undefined)
    throw new OperatorError(
      `looking for host ${host} in cloud ${name}: not found; there are ${Object.keys(all).join(', ')}`,
      { name: 'UnknownHost', hint: `Use one of these, or add the host to ${name}.yaml.` },
    );
  const { user: login, key, knownHosts, bastion } = ssh;
  return {
    host,
    address: found.address,
    port: found.port ?? ssh.port,
    user: login,
    key,
    knownHosts,
    ...(bastion && { bastion: { user: login, key, ...bastion } }),
  };
}
