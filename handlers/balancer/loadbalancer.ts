import { z } from 'zod';
import { command } from '../contract/command.ts';
import {
  haproxySocketShell,
  BackendState,
  backendProbe,
  readBackend,
  type HaproxyServer,
} from './haproxy.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';

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
      ['sh', '-c', move, 'sh', socket, backend, state].concat(
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
      : [command(['sh', '-c', putBack, 'sh', socket, backend, ...changed.flat()])];
  },
  isRestored: (_params, before, now) =>
    Object.entries(before.servers).every(
      ([one, { admin }]) => knownOf(admin) === knownOf(now.servers[one]?.admin ?? 'unknown'),
    ),
  does: ({ backend, state, servers }) =>
    state === 'drain'
      ? deedOn(
          `drain HAProxy ${backend}${servers === undefined ? '' : ` (${servers.join(', ')})`}`,
          'drain',
          [backend],
        )
      : deedOn(
          `put ${servers?.join(', ') ?? 'all servers'} back into HAProxy ${backend}`,
          'reopen',
          [backend],
        ),
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

const set = `set_state() {
  said=$(ask "set server $backend/$1 state $2") || exit
  [ -z "$said" ] || { echo "loadbalancer: $backend/$1 -> $2: $said" >&2; exit 1; }
  echo "$backend/$1 -> $2"
}`;

// Columns of `show stat` since HAProxy 1.3: 1 pxname, 2 svname, 5 scur, 18 status.
const move = `${haproxySocketShell}
backend=$2 state=$3 wait=$4; shift 4
${set}
servers() {
  ask "show stat -1 4 -1" | while IFS=, read -r px sv x3 x4 scur x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 status rest; do
    [ "$px" = "$backend" ] || continue
    if [ $# -gt 0 ]; then
      for one; do [ "$one" != "$sv" ] || echo "$sv $scur $status"; done
    else
      echo "$sv $scur $status"
    fi
  done
}
found=$(servers "$@")
[ -n "$found" ] || { echo "loadbalancer: there is no backend $backend with such servers" >&2; exit 1; }
while read -r name scur status; do
  case $state-$#$status in drain-*MAINT*|ready-0MAINT*) echo "$backend/$name is in maintenance, and stays so" ;; *) set_state "$name" "$state" ;; esac
done <<END
$found
END
waited=0
while :; do
  left=$(servers "$@" | while read -r name scur status; do
    case $state-$#$status in
      drain-*) [ "$scur" = 0 ] || echo "$name ($scur open)" ;;
      ready-0MAINT*|ready-[0-9]*UP*|ready-[0-9]*DRAIN*|ready-[0-9]*"no check"*) ;;
      *) echo "$name ($status)" ;;
    esac
  done)
  [ -n "$left" ] && [ "$wait" -gt 0 ] || break
  if [ "$waited" -ge "$wait" ]; then
    echo "loadbalancer: after $wait s not $state:" $left >&2; exit 1
  fi
  [ $((waited % 15)) -ne 0 ] || echo "waiting for" $left
  sleep 1; waited=$((waited + 1))
done
echo "$backend is $state"`;

const putBack = `${haproxySocketShell}
backend=$2; shift 2
${set}
while [ $# -gt 0 ]; do set_state "$1" "$2"; shift 2; done`;
