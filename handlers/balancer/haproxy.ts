import { z } from 'zod';
import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { haproxySocketShell } from './scripts/embedded.ts';

/** What HAProxy was told to do with a server. `unknown`: an old HAProxy that says only that the server is down. */
const Admin = z.enum(['ready', 'drain', 'maint', 'unknown']);

/** The servers of one backend. */
export const BackendState = z.strictObject({
  servers: z.record(
    z.string(),
    z.strictObject({
      admin: Admin,
      /** In the words of `show stat`, such as UP, DOWN 1/2 or MAINT. */
      status: z.string(),
      sessions: z.int(),
    }),
  ),
});
export type BackendState = z.infer<typeof BackendState>;
export type HaproxyServer = BackendState['servers'][string];

interface Asked {
  readonly socket: string;
  readonly backend: string;
  readonly servers?: readonly string[] | undefined;
}

/** Reads the servers' states. `show servers state` came with HAProxy 1.6; before it, the status has to do. */
export const backendProbe = ({ socket, backend }: Asked): readonly Command[] =>
  ['show stat -1 4 -1', `show servers state ${backend}`].map((line) =>
    command(['sh', '-c', `${haproxySocketShell}ask "$2"`, 'sh', socket, line]),
  );

/** Throws an OperatorError for a backend or server that HAProxy does not have, saying which ones it has. */
export function readBackend(outputs: readonly CommandOutput[], asked: Asked): BackendState {
  const [stat = '', flags = ''] = outputs.map(({ stdout }) => stdout);
  const rows = readStat(stat, asked);
  const own = rows.filter(({ backend }) => backend === asked.backend);
  if (own.length === 0)
    throw unknown(asked, `it has no backend ${asked.backend} with servers`, {
      what: 'backends',
      names: rows.map(({ backend }) => backend),
    });
  const missing = (asked.servers ?? []).filter((name) => !own.some((row) => row.name === name));
  if (missing.length > 0)
    throw unknown(asked, `its backend ${asked.backend} has no server ${missing.join(', ')}`, {
      what: 'servers',
      names: own.map(({ name }) => name),
    });
  const admin = readFlags(flags);
  return {
    servers: Object.fromEntries(
      own
        .filter(({ name }) => asked.servers?.includes(name) ?? true)
        .map(({ name, status, sessions }) => [
          name,
          { admin: admin.get(name) ?? adminOfStatus(status), status, sessions },
        ]),
    ),
  };
}

interface Row {
  readonly backend: string;
  readonly name: string;
  readonly sessions: number;
  readonly status: string;
}

function readStat(csv: string, { socket }: Asked): Row[] {
  const [heading = '', ...lines] = csv.split('\n').filter((line) => line !== '');
  const columns = heading.replace(/^# /, '').split(',');
  const [backend, name, sessions, status] = ['pxname', 'svname', 'scur', 'status'].map((column) =>
    columns.indexOf(column),
  );
  if (!heading.startsWith('# pxname') || backend === undefined)
    throw new OperatorError(
      `asking HAProxy at ${socket} for its servers: it answered ${JSON.stringify(heading)}`,
      { name: 'LoadBalancerSilent', hint: "Look whether that is HAProxy's admin socket." },
    );
  return lines
    .map((line) => line.split(','))
    .map((cells) => ({
      backend: cell(cells, backend),
      name: cell(cells, name),
      sessions: Number(cell(cells, sessions)) || 0,
      status: cell(cells, status),
    }));
}

const cell = (cells: readonly string[], index = -1): string => cells[index] ?? '';

// SRV_ADMF_FMAINT and SRV_ADMF_FDRAIN, by https://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state
const [FORCED_MAINT, FORCED_DRAIN] = [0x01, 0x08];

/** The state that each server was put into, by its name. Empty when HAProxy does not know the command. */
function readFlags(text: string): ReadonlyMap<string, HaproxyServer['admin']> {
  const lines = text.split('\n');
  const columns = /^# (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  const [name, flags] = [columns.indexOf('srv_name'), columns.indexOf('srv_admin_state')];
  if (name < 0 || flags < 0) return new Map();
  const rows = lines.filter((line) => /^\d+ /.test(line)).map((line) => line.split(' '));
  return new Map(rows.map((cells) => [cells[name] ?? '', adminOfFlags(Number(cells[flags]))]));
}

function adminOfFlags(flags: number): HaproxyServer['admin'] {
  if ((flags & FORCED_MAINT) !== 0) return 'maint';
  return (flags & FORCED_DRAIN) === 0 ? 'ready' : 'drain';
}

function adminOfStatus(status: string): HaproxyServer['admin'] {
  if (status.startsWith('MAINT')) return 'maint';
  if (status.startsWith('DRAIN')) return 'drain';
  return status.startsWith('DOWN') ? 'unknown' : 'ready';
}

function unknown(
  { socket }: Asked,
  why: string,
  { what, names }: { readonly what: string; readonly names: readonly string[] },
): OperatorError {
  const there = [...new Set(names)].join(', ') || 'none';
  return new OperatorError(`asking HAProxy at ${socket}: ${why}`, {
    name: 'LoadBalancerUnknown',
    hint: `Correct the name. Its ${what}: ${there}.`,
  });
}

// Without single quotes, so that the script reads the same once it is quoted. Perl is on every Debian: perl-base is essential.
