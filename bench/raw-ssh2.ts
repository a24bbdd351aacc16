import { readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { Client, type ClientChannel } from 'ssh2';

// The reference: one connection to each host, one channel for each step, all hosts at once. Prints what it took as JSON. With
// `readsLines` it also takes what steps print apart into lines and keeps the last thousand.
interface Work {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  readonly steps: readonly string[];
  readonly readsLines?: boolean;
}

// Its own caller wrote it.
const work: Work = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const privateKey = readFileSync(work.keyPath);
const known = new Map(
  readFileSync(work.knownHostsPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', , key = '']) => [name, key]),
);
const beganMs = performance.now();
await Promise.all(work.addresses.map(onHost));
const wallSeconds = (performance.now() - beganMs) / 1000;
const { user, system } = process.cpuUsage();
const peakMB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ wallSeconds, cpuSeconds: (user + system) / 1e6, peakMB }));

async function onHost(address: string): Promise<void> {
  const client = await connected(address);
  for (const step of work.steps) await done(client, step);
  client.end();
}

function connected(host: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const hostVerifier = (key: Buffer): boolean =>
      key.toString('base64') === known.get(`[${host}]:${work.port}`);
    client.once('ready', () => resolve(client)).once('error', reject);
    client.connect({ host, port: work.port, username: work.user, privateKey, hostVerifier });
    client.setNoDelay(true);
  });
}

function done(client: Client, step: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(step, (error, channel) => {
      if (error !== undefined) return reject(error);
      if (work.readsLines === true) readLines(channel);
      else channel.resume();
      channel.stderr.resume();
      let code: number | undefined;
      channel.on('exit', (exit: number) => (code = exit));
      channel.on('close', () => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    });
  });
}

function readLines(channel: ClientChannel): void {
  const decoder = new StringDecoder();
  let [rest, tail]: [string, string[]] = ['', []];
  channel.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    tail.push(...lines);
    if (tail.length > 2000) tail = tail.slice(-1000);
  });
}
