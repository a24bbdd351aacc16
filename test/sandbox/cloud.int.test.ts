import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCloud, type Cloud } from '../../jobs/cloud.ts';
import { writeCloud } from '../../sandbox/cloud.ts';
import { startHosts, type Hosts } from '../../sandbox/hosts.ts';

describe('pretend cloud', () => {
  let dir: string;
  let hosts: Hosts;
  let cloud: Cloud;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cloud-'));
    hosts = await startHosts({ dir: join(dir, 'hosts') });
    await writeCloud(join(dir, 'clouds'), hosts);
    cloud = await loadCloud(join(dir, 'clouds'), 'sandbox');
  });

  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });

  it('has six hosts that its file names', () => {
    expect(
      Object.entries(cloud.hosts).map(([name, { roles }]) => `${name} ${roles.join()}`),
    ).toEqual(['lb1 lb', 'db1 db', 'ctl1 control', 'ctl2 control', 'cmp1 compute', 'cmp2 compute']);
  });
});
