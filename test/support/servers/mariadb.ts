import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface TestMariaDb {
  /** Its own directory, for whatever a test keeps beside it. As a home it holds a login that leads nowhere. */
  readonly dir: string;
  /** An option file with the login. */
  readonly defaultsFile: string;
  /** Runs statements, and answers their rows: fields between tabs. Throws what the client says. */
  readonly sql: (statements: string, database?: string) => string;
  /** A program that stays connected: it runs a statement that takes long. */
  readonly sqlLater: (statement: string, database: string) => LastingSession;
  /** The whole content of databases as text, the same for the same content. */
  readonly dumpOf: (...databases: string[]) => string;
  readonly stop: () => Promise<void>;
}

export interface LastingSession {
  /** Once the server runs the statement. */
  readonly began: Promise<void>;
  readonly end: () => Promise<void>;
}

/** A real MariaDB of its own, on a socket in a temporary directory, as whoever runs the test. */
export async function startMariaDb({ binaryLog = true } = {}): Promise<TestMariaDb> {
  const dir = mkdtempSync(join(tmpdir(), 'mariadb-'));
  const data = join(dir, 'data');
  const socket = join(dir, 'socket');
  const log = join(dir, 'log');
  const user = `--user=${userInfo().username}`;
  // A server that starts clears its folder of temporary tables, those of other servers included.
  const own = `--tmpdir=${dir}`;
  run(['mariadb-install-db', '--no-defaults', user, own, `--datadir=${data}`, ...installing]);
  const output = openSync(log, 'w');
  const at = [`--datadir=${data}`, `--socket=${socket}`, `--pid-file=${join(dir, 'pid')}`];
  const logs = binaryLog ? [`--log-bin=${join(data, 'binlog')}`] : [];
  const server = spawn(
    program('mariadbd'),
    ['--no-defaults', '--skip-networking', user, own, ...at, ...fast, ...logs],
    { stdio: ['ignore', output, output] },
  );
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
    server.once('error', () => resolve());
  });
  const defaultsFile = join(dir, 'login.cnf');
  writeFileSync(defaultsFile, `[client]\nsocket=${socket}\nuser=root\n`);
  chmodSync(defaultsFile, 0o600);
  writeFileSync(join(dir, '.my.cnf'), `[client]\nsocket=${join(dir, 'nothing')}\nuser=nobody\n`);
  const login = `--defaults-file=${defaultsFile}`;
  const sql = (statements: string, database = ''): string =>
    run(
      ['mariadb', login, utf8, '--batch', '--skip-column-names', `--database=${database}`],
      statements,
    );
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await answers(
      () => sql('SELECT 1'),
      () => server.exitCode !== null,
    );
  } catch (error) {
    const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
    await stop();
    throw new Error(`MariaDB did not start: ${said}`, { cause: error });
  }
  const dumpOf = (...databases: string[]): string =>
    run(['mariadb-dump', login, utf8, ...everything, '--databases', ...databases]);
  const sqlLater: TestMariaDb['sqlLater'] = (statement, database) =>
    lastingSession({ login, sql, statement, database });
  return { dir, defaultsFile, sql, sqlLater, dumpOf, stop };
}

interface Lasting {
  readonly login: string;
  readonly sql: TestMariaDb['sql'];
  readonly statement: string;
  readonly database: string;
}

function lastingSession({ login, sql, statement, database }: Lasting): LastingSession {
  const connected = (): number =>
    Number(sql(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '${database}'`));
  const client = spawn(program('mariadb'), [login, '-e', statement, database], {
    stdio: 'ignore',
  });
  const left = new Promise<void>((resolve) => client.once('exit', () => resolve()));
  const until = (isSo: () => boolean): Promise<void> =>
    answers(
      () => {
        if (!isSo()) throw new Error(`${database}: the connections are not as expected`);
      },
      () => false,
    );
  return {
    began: until(() => connected() === 1),
    end: async () => {
      const id = `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database}'`;
      sql(`KILL ${sql(id).trim()}`);
      await left;
      await until(() => connected() === 0);
    },
  };
}

const everything = ['--skip-dump-date', '--routines', '--triggers', '--events', '--hex-blob'];

const utf8 = '--default-character-set=utf8mb4';

// Nothing here has to survive a power cut.
const unsynced = '--loose-debug-no-sync';

const installing = ['--auth-root-authentication-method=normal', '--skip-test-db', unsynced];

const fast = [
  unsynced,
  '--innodb-buffer-pool-size=32M',
  '--innodb-log-file-size=8M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--sync-binlog=0',
];

function run(words: readonly string[], input = ''): string {
  const [name = '', ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(program(name), rest, {
    input,
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${name}: exit ${status}: ${stderr}`);
  return stdout;
}

// Debian keeps daemons where only root looks.
const program = (name: string): string =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((path) => join(path, name)).find(existsSync) ??
  name;

async function answers(ask: () => void, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return ask();
    } catch (error) {
      if (hasEnded() || Date.now() > deadline) throw error;
      // oxlint-disable-next-line no-await-in-loop -- until it answers
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
