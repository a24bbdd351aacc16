import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFiles } from '../../../openstack/cloud/config-files.ts';
import { junoCloud, junoWithServices } from '../juno-cloud.ts';

let clouds: string;
const file = (name: string): string => join(clouds, 'example-juno/kilo/all/etc/nova', name);

beforeAll(async () => {
  clouds = await mkdtemp(join(tmpdir(), 'clouds-'));
  await mkdir(file('.'), { recursive: true });
  await writeFile(file('nova.conf'), '[DEFAULT]\n');
  await writeFile(file('.nova.conf.swp'), 'x');
  await writeFile(file('nova.conf~'), 'x');
});

afterAll(() => rm(clouds, { recursive: true }));

describe("the operator's files", () => {
  it('are read by their place in the config directory, without what editors leave', async () => {
    expect(await readConfigFiles(clouds, junoCloud)).toEqual({
      'kilo/all/etc/nova/nova.conf': '[DEFAULT]\n',
    });
  });

  it("are taken under a release's number as well, but not under both of its names", async () => {
    const there = (release: string): string =>
      join(clouds, 'example-juno', release, 'all/etc/nova/nova.conf');
    await mkdir(join(there('2024.1'), '..'), { recursive: true });
    await writeFile(there('2024.1'), 'numbered\n');
    expect(await readConfigFiles(clouds, junoCloud)).toMatchObject({
      'caracal/all/etc/nova/nova.conf': 'numbered\n',
    });

    await mkdir(join(there('caracal'), '..'), { recursive: true });
    await writeFile(there('caracal'), 'named\n');
    await expect(readConfigFiles(clouds, junoCloud)).rejects.toThrow(
      'caracal/all/etc/nova/nova.conf is there under both names of its release',
    );
    for (const release of ['2024.1', 'caracal'])
      await rm(join(clouds, 'example-juno', release), { recursive: true });
  });

  it('are none where the cloud names no directory', async () => {
    const without = junoWithServices((services) => delete services['configDirectory']);

    expect(await readConfigFiles(clouds, without)).toEqual({});
  });

  it('are said to be missing, or not to be text', async () => {
    const elsewhere = junoWithServices((services) =>
      Object.assign(services, { configDirectory: 'no' }),
    );
    await expect(readConfigFiles(clouds, elsewhere)).rejects.toMatchObject({
      name: 'ConfigUnreadable',
      hint: expect.stringContaining(join(clouds, 'no')),
    });

    await writeFile(file('odd.conf'), Buffer.from([0xff, 0xfe, 0x00]));
    await expect(readConfigFiles(clouds, junoCloud)).rejects.toThrow('odd.conf is not text');
    await rm(file('odd.conf'));
  });
});
