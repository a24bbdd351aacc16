import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { forwardConnections } from './forward.ts';

export interface ConfinedServer {
  readonly port: number;
  /** The exit code of the server. Never rejects. */
  readonly exited: Promise<number>;
  readonly stop: () => Promise<void>;
}

interface Options {
  /** The command line of the server, once its port is known. */
  readonly server: (port: number) => readonly string[];
  /** Ready when a line matches. */
  readonly ready: RegExp;
  readonly name: string;
  /** The port on loopback, here and inside. Unset: a free one. */
  readonly port?: number;
  /** A port on our loopback that the server may reach under the same number. */
  readonly reachable?: number;
  readonly log?: (line: string) => void;
}

/**
 * Runs a server that listens on every interface where there is only a loopback: in a network namespace of its own, behind
 * a port on 127.0.0.1. Needs no root where user namespaces are allowed.
 */
export async function confineServer(options: Options): Promise<ConfinedServer> {
  // A short path: the kernel takes at most 107 bytes for a Unix socket. mkdtemp makes it ours alone (0700).
  const dir = await mkdtemp(join(tmpdir(), 'confined-'));
  const [inward, outward] = [join(dir, 'in'), join(dir, 'out')];
  const door = await forwardConnections(loopback(options.port ?? 0), inward);
  const { port } = door;
  const exit =
    options.reachable === undefined
      ? undefined
      : await forwardConnections(outward, loopback(options.reachable));
  const close = async () => {
    await Promise.all([door.close(), exit?.close()]);
    await rm(dir, { recursive: true, force: true });
  };

  const entries = [
    { from: inward, to: port },
    ...(exit === undefined ? [] : [{ from: options.reachable, to: outward }]),
  ];
  const child = spawnApart({ server: options.server(port), entries });
  const lines: string[] = [];
  const exited = new Promise<number>((done) => {
    child.once('error', (error) => {
      lines.push(error.message);
      done(127);
    });
    child.once('close', (code) => done(code ?? 137));
  });
  const ready = new Promise<true>((done) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        if (lines.length < 20) lines.push(line);
        options.log?.(line);
        if (options.ready.test(line)) done(true);
      });
    }
  });
  if ((await Promise.race([ready, exited])) !== true) {
    await close();
    throw refused(options.name, lines);
  }
  return {
    port,
    exited,
    stop: async () => {
      child.stdin.end();
      await exited;
      await close();
    },
  };
}

/** What the relay inside starts, and which ways lead in and out. */
interface Relayed {
  readonly server: readonly string[];
  readonly entries: readonly {
    readonly from: string | number | undefined;
    readonly to: string | number;
  }[];
}

/** Ends once its standard input does. */
function spawnApart(relayed: Relayed): ChildProcessWithoutNullStreams {
  const relay = fileURLToPath(new URL('./relay.mjs', import.meta.url));
  const inside = [process.execPath, relay, JSON.stringify(relayed)];
  return spawn('bwrap', ['--dev-bind', '/', '/', '--unshare-net', '--', ...inside], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

const loopback = (port: number) => ({ host: '127.0.0.1', port });

function refused(name: string, lines: readonly string[]): OperatorError {
  const why = lines.join(' | ');
  return new OperatorError(
    `starting ${name} in a network namespace of its own: it ended at once: ${why}`,
    {
      name: 'NamespaceRefused',
      hint: why.includes('ENOENT')
        ? 'Run `npm run setup`, which installs what is missing or says how.'
        : 'bubblewrap needs unprivileged user namespaces: no sysctl, AppArmor or container profile against them.',
    },
  );
}
