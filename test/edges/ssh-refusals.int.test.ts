import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { freePort } from '../../jobs/redis/free-port.ts';
import { sshEndText } from '../../jobs/ssh/errors.ts';
import { openSsh } from '../../jobs/ssh/ssh.ts';
import type { SshTarget } from '../../jobs/ssh/target.ts';
import { rejection } from '../support/eventually.ts';
import { portOf } from '../support/servers/cuttable-proxy.ts';
import { type TestSshd, startTestSshd } from '../support/servers/sshd.ts';
import { sshOutcome } from './outcomes.ts';
import { type SshRow, sshRows } from './rows.ts';

let ending: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ending.toReversed()) await end();
  ending = [];
});

async function sshdWith(config: readonly string[]): Promise<TestSshd> {
  const sshd = await startTestSshd({ config });
  ending.push(() => sshd.stop());
  return sshd;
}

/** A server that says something in the place of an sshd. */
async function greeting(text: string, isSilent: boolean): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    ending.push(() => void socket.destroy());
    if (text !== '') socket.write(`${text}\r\n`);
    if (!isSilent) socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => void server.close());
  return portOf(server);
}

/** A host that refuses as the row says, and the name of the bastion before it. */
async function refusing(on: NonNullable<SshRow['on']>): Promise<[SshTarget, string]> {
  const { sshd: config = [], bastion, greets, silent = false, nobody = false } = on;
  const sshd = await sshdWith(config);
  const port = nobody
    ? await freePort()
    : greets === undefined && !silent
      ? sshd.port
      : await greeting(greets ?? '', silent);
  if (bastion === undefined) return [sshd.target({ port }), ''];
  const before = await sshdWith(bastion);
  const knownHosts = join(sshd.dir, 'both');
  const lines = [sshd, before].map((each) => `[127.0.0.1]:${each.port} ${each.hostKeys[0]}\n`);
  writeFileSync(knownHosts, lines.join(''));
  const way = { address: '127.0.0.1', port: before.port, user: before.user, key: before.keyPath };
  const name = sshEndText({ host: 'the bastion', address: '127.0.0.1', port: before.port });
  return [{ ...sshd.target({ port, knownHosts }), bastion: way }, name];
}

describe('what the table says of a host', () => {
  const played = sshRows.filter(({ on }) => on !== undefined);
  it.each(played.map((row) => [row.heard, row] as const))('is so: %s', async (_heard, row) => {
    const [target, bastion] = await refusing(row.on ?? {});
    const ssh = openSsh({ connectTimeoutMs: row.on?.silent === true ? 500 : 20_000 });
    ending.push(() => ssh.close());

    const error = await rejection(ssh.exec(target, { command: 'true' }));
    const { says, hint, does } = sshOutcome(row, target, bastion);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({
      message: `connecting to ${sshEndText(target)}: ${says}`,
      hint,
      disposition: does,
    });
  });
});
