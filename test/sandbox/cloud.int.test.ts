import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toShell } from '../../handlers/contract/command.ts';
import { handlers } from '../../handlers/index.ts';
import { hostsOnCloud, listRunbooks, loadRunbook } from '../../jobs/files/runbook.ts';
import { loadCloud, type Cloud } from '../../jobs/files/cloud.ts';
import { writeSandboxCloud } from '../../sandbox/story/cloud.ts';
import { startHosts, type PretendHosts } from '../../sandbox/hosts/hosts.ts';

describe('pretend cloud', () => {
  let dir: string;
  let hosts: PretendHosts;
  let cloud: Cloud;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cloud-'));
    hosts = await startHosts({ dir: join(dir, 'hosts') });
    await writeSandboxCloud(join(dir, 'clouds'), hosts);
    cloud = await loadCloud(join(dir, 'clouds'), 'sandbox');
  });

  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });

  /** Runs the steps of a runbook in order until one fails, without the engine; answers what failed. */
  const play = async (name: string): Promise<string[]> => {
    const { steps } = await loadRunbook('sandbox/runbooks', name);
    for (const { id, kind, on, params } of steps) {
      const failed: string[] = [];
      for (const host of hostsOnCloud(cloud, on)) {
        for (const { words, stdin } of handlers[kind]!.bind(params).apply) {
          const { code } = await hosts.exec(host, toShell(words), stdin);
          if (code !== 0) failed.push(`${id} on ${host}: exit ${code}`);
        }
      }
      if (failed.length > 0) return failed;
    }
    return [];
  };

  it('has six hosts that its file names', () => {
    expect(
      Object.entries(cloud.hosts).map(([name, { roles }]) => `${name} ${roles.join()}`),
    ).toEqual(['lb1 lb', 'db1 db', 'ctl1 control', 'ctl2 control', 'cmp1 compute', 'cmp2 compute']);
  });

  it('has runbooks that are right', async () => {
    const names = await listRunbooks('sandbox/runbooks');
    expect(names).toEqual(['broken', 'keystone-2025-1']);
    for (const name of names) await loadRunbook('sandbox/runbooks', name);
  });

  it('goes through its good runbook', async () => {
    expect(await play('keystone-2025-1')).toEqual([]);

    const answer = await hosts.exec('ctl2', 'curl --silent http://self:5000/; ls /root');
    expect(answer.stdout).toBe(
      '{"service":"keystone","version":"2025.1-1","greeting":"hello from 2025.1"}\nkeystone-2025.1\n',
    );
  });

  it('fails in the sixth step of its broken one', async () => {
    expect(await play('broken')).toEqual(['nova on cmp1: exit 100', 'nova on cmp2: exit 100']);
  });
});
