import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { z } from 'zod';
import { addressAt } from './addresses.ts';

// Any number of hosts in one process that speak SSH and answer as our helper does, and only note each step in the ledger:
// where real hosts would take all there is of this machine, this shows what is ours. `node pretend-hosts.js DIR PORT`.
const [dir = '', port = ''] = process.argv.slice(2);

const Asked = z.object({
  n: z.int(),
  do: z.string(),
  id: z.string().optional(),
  next: z.string().optional(),
  commands: z.array(z.object({ words: z.array(z.string()) })).default([]),
});

const { private: hostKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
const server = new ssh2.Server({ hostKeys: [hostKey] }, greet);
server.listen(Number(port), '0.0.0.0', () => {
  const [type = '', key = ''] = publicKey.split(' ');
  writeFileSync(join(dir, 'host.pub'), `${type} ${key}\n`);
  process.stdout.write('listening\n');
});
process.on('SIGTERM', () => process.exit(0));

function greet(client: Connection): void {
  client.on('error', () => undefined);
  client.on('authentication', (login) => login.accept());
  client.on('ready', () =>
    client.on('session', (acceptSession) =>
      acceptSession().on('exec', (accept, _reject, { command }) => {
        const length = /read\((\d+)\)/.exec(command)?.[1];
        const channel = accept();
        if (length !== undefined) return serve(channel, Number(length));
        // Raw ssh2 gives a step as it is.
        note(command, addressOf(client));
        channel.exit(0);
        channel.end();
      }),
    ),
  );
}

/** Takes the program for read, and then answers line by line. Nothing is asked before the hello. */
function serve(channel: ServerChannel, firstBytes: number): void {
  let program = Buffer.alloc(0);
  let isGreeted = false;
  let rest = '';
  channel.on('data', (chunk: Buffer) => {
    if (!isGreeted) {
      program = Buffer.concat([program, chunk]);
      if (program.length < firstBytes) return;
      const [, mark = '', steps = ''] =
        /MARK = "([0-9a-f]+)"\nSTEPS = .*\((\d+)\)/.exec(program.toString()) ?? [];
      isGreeted = program.length === firstBytes + Number(steps);
      if (isGreeted) channel.write(`\n${mark} hello\n`);
      return;
    }
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    const said = lines.map((line) => answerTo(Asked.parse(JSON.parse(line)))).join('');
    if (said !== '') channel.write(said);
  });
}

/** The address that a connection came to. */
function addressOf(client: Connection): string {
  const socket: unknown = Reflect.get(client, '_sock');
  return socket instanceof Socket ? (socket.localAddress ?? '').replace('::ffff:', '') : '';
}

function note(line: string, host: string): void {
  const [, step = '', ledger = ''] = / (s\d+)" >>(.*)$/.exec(line) ?? [];
  appendFileSync(ledger, `- - ${host} - ${step}\n`);
}

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const begun = new Set<string>();

function answerTo({ n, do: what, id = '', next, commands }: z.infer<typeof Asked>): string {
  if (what === 'check') {
    const ready = `${boot} 9000000 ${next === undefined || begun.has(next) ? '-' : 'none'} /root`;
    const part = `ready ${ready.length}\n${ready}`;
    return `${n} out ${part.length}\n${part}${n} end\n`;
  }
  if (what === 'look') return `${n} none\n${n} end\n`;
  if (what !== 'begin') return '';
  const isFirst = !begun.has(id);
  begun.add(id);
  // The host is the part of the id behind the step: `h` and its number.
  if (isFirst)
    note(commands[0]?.words.at(-1) ?? '', addressAt(Number(id.split('.')[2]?.slice(1)) - 1));
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const unbegun = next === undefined || begun.has(next) ? '' : `${n} unbegun ${next}\n`;
  return `${n} began ${isFirst ? 'no' : 'yes'} 4711 0 ${now}\n${unbegun}${n} exited 0 0 0 ${now} ${now} -\n${n} end\n`;
}
