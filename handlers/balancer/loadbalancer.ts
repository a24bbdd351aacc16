import { z } from 'zod';
import { command } from '../contract/command.ts';
import { BackendState, backendProbe, readBackend, type HaproxyServer } from './haproxy.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { haproxyPutBackShell, haproxyMoveShell } from './scripts/embedded.ts';

const name = z.string().regex(/^[A-Za-z0-9_.:-]+$/, 'expected a name as HAProxy takes it');

const Params = z.strictObject({
  socket: z
    .string()
    .regex(/^(\/[A-Za-z0-9_.@+-]+)+$/, 'expected an absolute path such as /run/haproxy/admin.sock')
    .describe("HAProxy's admin socket."),
  backend: name.describe('The backend, as its configuration names it.'),
  servers: z
    .array(name)
    .min(1)
    .optional()
    .describe('Its servers. Without it: all; those in maintenance stay so.'),
  state: z
    .enum(['drain', 'ready'])
    .describe('drain: no new sessions. ready: back in service, which waits until they are up.'),
  sessions: z
    .strictObject({
      waitSeconds: z
        .int()
        .min(1)
        .max(3600)
        .describe('How long open sessions may take to end before the step fails.'),
    })
    .optional()
    .describe('drain: waits for open sessions to end. Without it, they are not waited for.'),
});
type Params = z.infer<typeof Params>;

/** How long a server may take to be up again; its checks need some rounds. */
const upSeconds = 120;

/**
 * Takes servers of a HAProxy backend out of service, or puts them back. It needs HAProxy 1.5 or newer. A server in
 * maintenance takes no new sessions and stays as it is, unless it is named to be ready. `undo` puts each server's state back as it was; it
 * does not wait for it to be up.
 */
export const loadbalancerHandler = defineHandler({
  kind: 'loadbalancer',
  params: Params,
  before: BackendState,
  // An hour of sessions is the longest wait.
  timeoutMs: 65 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => backendProbe(params),
  parse: (outputs, params) => readBackend(outputs, params),
  isDone: (params, { servers }) => Object.values(servers).every((one) => isRight(params, one)),
  apply: ({ socket, backend, servers = [], state, sessions }) => [
    command(
      ['sh', '-c', haproxyMoveShell, 'sh', socket, backend, state].concat(
        String(state === 'ready' ? upSeconds : (sessions?.waitSeconds ?? 0)),
        servers,
      ),
    ),
  ],
  undo: ({ socket, backend }, before, now) => {
    const changed = Object.entries(before.servers)
      .map(([one, { admin }]) => [one, knownOf(admin)] as const)
      .filter(([one, admin]) => admin !== knownOf(now.servers[one]?.admin ?? 'unknown'));
    return changed.length === 0
      ? []
      : [command(['sh', '-c', haproxyPutBackShell, 'sh', socket, backend, ...changed.flat()])];
  },
  isRestored: (_params, before, now) =>
    Object.entries(before.servers).every(
      ([one, { admin }]) => knownOf(admin) === knownOf(now.servers[one]?.admin ?? 'unknown'),
    ),
  does: ({ backend, state, servers }) => {
    const parts = servers?.map((one) => `${backend}/${one}`) ?? [backend];
    return state === 'drain'
      ? deedOn(
          `drain HAProxy ${backend}${servers === undefined ? '' : ` (${servers.join(', ')})`}`,
          'drain',
          parts,
        )
      : deedOn(
          `put ${servers?.join(', ') ?? 'all servers'} back into HAProxy ${backend}`,
          'reopen',
          parts,
        );
  },
  changes: (params, { servers }) =>
    Object.entries(servers)
      .map(([one, found]) => [`${params.backend}/${one}`, found] as const)
      .flatMap(([one, found]) => line(params, one, found))
      .join('\n'),
});

// Who is down and was never told anything is ready to come back.
const knownOf = (admin: HaproxyServer['admin']): HaproxyServer['admin'] =>
  admin === 'unknown' ? 'ready' : admin;

const isLeft = ({ servers, state }: Params, { admin }: HaproxyServer): boolean =>
  admin === 'maint' && (servers === undefined || state === 'drain');

function isRight(params: Params, found: HaproxyServer): boolean {
  if (isLeft(params, found)) return params.sessions === undefined || found.sessions === 0;
  if (params.state === 'ready') return found.admin === 'ready' && isUp(found);
  return found.admin !== 'ready' && (params.sessions === undefined || found.sessions === 0);
}

/** With a weight of 0 a server that is up shows as DRAIN. */
const isUp = ({ status }: HaproxyServer): boolean => /^(UP|DRAIN|no check)/.test(status);

function line(params: Params, one: string, found: HaproxyServer): string[] {
  const { admin, status, sessions } = found;
  if (isLeft(params, found)) return [`${one}: in maintenance, and stays so`];
  if (isRight(params, found)) return [];
  const open = sessions === 1 ? '1 open session' : `${sessions} open sessions`;
  return [
    params.state === 'ready'
      ? `${one}: ${knownOf(admin)} (${status}) -> ready`
      : `${one}: ${knownOf(admin)} (${status}) -> drain, ${open}`,
  ];
}

// Columns of `show stat` since HAProxy 1.3: 1 pxname, 2 svname, 5 scur, 18 status.
