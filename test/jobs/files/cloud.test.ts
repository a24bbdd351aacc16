import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listClouds, loadCloud, HostTarget, hostTarget } from '../../../jobs/files/cloud.ts';
import { problemsOf } from '../../support/bad-file.ts';

const good = `name: prod
environment: production
channel: C012ABCDEF
ssh:
  user: ops
  key: ~/.ssh/id_ed25519
  knownHosts: keys/known_hosts
hosts:
  ctl2: { address: 192.0.2.12, roles: [control] }
  ctl1: { address: ctl1.example.org, port: 2222, roles: [control, api] }
access:
  engineers: [U012ABCDEF]
  approvers: [S012ABCDEF]
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clouds-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function load(text: string) {
  await writeFile(join(dir, 'prod.yaml'), text);
  return loadCloud(dir, 'prod');
}

function problems(from: string, to: string): Promise<string[]> {
  expect(good).toContain(from);
  return problemsOf(load(good.replace(from, to)), dir);
}

describe('a cloud file', () => {
  it('is read with its defaults and absolute paths', async () => {
    expect(await load(good)).toEqual({
      name: 'prod',
      environment: 'production',
      channel: 'C012ABCDEF',
      ssh: {
        user: 'ops',
        port: 22,
        key: join(homedir(), '.ssh/id_ed25519'),
        knownHosts: join(dir, 'keys/known_hosts'),
        become: false,
      },
      hosts: {
        ctl2: { address: '192.0.2.12', roles: ['control'] },
        ctl1: { address: 'ctl1.example.org', port: 2222, roles: ['control', 'api'] },
      },
      access: {
        engineers: ['U012ABCDEF'],
        approvers: ['S012ABCDEF'],
        approvals: { reversible: 1, restorable: 1, oneWay: 1 },
      },
      rehearsalDays: 30,
    });
  });

  it('keeps an absolute path and takes the bastion key beside the file', async () => {
    const bastion =
      'knownHosts: /etc/known_hosts\n  bastion: { address: 2001:db8::1, key: ../gate }';
    const { ssh } = await load(good.replace('knownHosts: keys/known_hosts', bastion));

    expect(ssh.knownHosts).toBe('/etc/known_hosts');
    expect(ssh.bastion).toEqual({ address: '2001:db8::1', port: 22, key: join(dir, '../gate') });
  });

  it.each([
    [
      'another name than its file',
      'name: prod',
      'name: stage',
      'prod.yaml:1:7: name: found "stage" (string), expected prod, as the file is called',
    ],
    [
      'a channel by name',
      'C012ABCDEF',
      '"#ops"',
      'prod.yaml:3:10: channel: found "#ops" (string), expected the id of a Slack channel such as C012ABCDEF: in Slack open the channel\'s details; the id is at the bottom of "About"',
    ],
    [
      'a person by name',
      '[U012ABCDEF]',
      '["@ann"]',
      'prod.yaml:12:15: access.engineers[0]: found "@ann" (string), expected a Slack user id such as U012ABCDEF or a user-group id such as S012ABCDEF: in Slack open the profile or the group, press the three dots, then "Copy member ID" or "Copy group ID"',
    ],
    [
      'nobody who may start',
      'engineers: [U012ABCDEF]',
      'engineers: []',
      'prod.yaml:12:14: access.engineers: found a list, expected at least one id: nobody may do anything by default',
    ],
    [
      'nobody who may approve',
      '  approvers: [S012ABCDEF]\n',
      '',
      'prod.yaml:12:3: access.approvers: missing, expected a list',
    ],
    [
      'a requester as the only approver',
      'approvers: [S012ABCDEF]',
      'approvers: [U012ABCDEF, U012ABCDEF]\n  approvals: { reversible: 1 }',
      'prod.yaml:14:28: access.approvals.reversible: found 1 (number), expected at most 0: nobody approves a run of their own, so more can never come together',
    ],
    [
      'no approval at all',
      'approvers: [S012ABCDEF]',
      'approvers: [S012ABCDEF]\n  approvals: { oneWay: 0 }',
      'prod.yaml:14:24: access.approvals.oneWay: found 0 (number), expected at least 1',
    ],
    [
      'an address with a port',
      '192.0.2.12',
      '192.0.2.12:22',
      'prod.yaml:9:20: hosts.ctl2.address: found "192.0.2.12:22" (string), expected a host name or an IP address; a port goes under port',
    ],
    [
      'an address that ssh would read as an option',
      '192.0.2.12',
      '-oProxyCommand=x',
      'prod.yaml:9:20: hosts.ctl2.address: found "-oProxyCommand=x" (string), expected a host name or an IP address; a port goes under port',
    ],
    [
      'a host called all',
      'ctl2:',
      'all:',
      'prod.yaml:9:3: hosts.all: found all (key), expected lower-case letters, digits, dots and dashes with at least one letter, and not all',
    ],
    [
      'a host called by a number',
      'ctl2:',
      '12:',
      'prod.yaml:9:3: hosts.12: found 12 (key), expected lower-case letters, digits, dots and dashes with at least one letter, and not all',
    ],
    [
      'a role that is a host',
      '[control, api]',
      '[control, ctl2]',
      'prod.yaml:10:67: hosts.ctl1.roles[1]: found "ctl2" (string), expected a role with another name: ctl2 is a host',
    ],
    [
      'a path of another user',
      '~/.ssh',
      '~ann/.ssh',
      'prod.yaml:6:8: ssh.key: found "~ann/.ssh/id_ed25519" (string), expected a path: absolute, under ~/, or relative to the folder of this file',
    ],
    [
      'a misspelt key',
      'knownHosts',
      'known_hosts',
      'prod.yaml:7:3: ssh.known_hosts: found known_hosts (unknown key), did you mean knownHosts?',
    ],
    [
      'a word for whether',
      'user: ops',
      'user: ops\n  become: yes',
      'prod.yaml:6:11: ssh.become: found "yes" (string), expected true or false',
    ],
    [
      'a login user that ssh would read as an option',
      'user: ops',
      'user: -l',
      'prod.yaml:5:9: ssh.user: found "-l" (string), expected the name of a login user',
    ],
    [
      'a release that YAML reads as a number',
      'channel:',
      'series: 2024.1\nchannel:',
      'prod.yaml:3:9: series: found 2024.1 (number), expected a string: put it in quotes, "2024.1"',
    ],
  ])('refuses %s', async (_what, from, to, expected) => {
    expect(await problems(from, to)).toContain(expected);
  });

  it('refuses a cloud without hosts', async () => {
    const hosts = /hosts:\n.*\n.*\n/.exec(good)?.[0] ?? '';
    expect(await problems(hosts, 'hosts: {}\n')).toEqual([
      'prod.yaml:8:8: hosts: found a mapping, expected at least one host',
    ]);
  });

  it('may have a role that is called as the one host that plays it', async () => {
    const { hosts } = await load(good.replace('[control, api]', '[control, ctl1]'));
    expect(hosts['ctl1']?.roles).toEqual(['control', 'ctl1']);
  });

  it('may want many approvals of a user group, whose members only Slack knows', async () => {
    const { access } = await load(`${good}  approvals: { oneWay: 9 }\n`);
    expect(access.approvals).toEqual({ reversible: 1, restorable: 1, oneWay: 9 });
  });

  it('lists every problem at once, in the order of the file', async () => {
    const lines = await problems('name: prod\nenvironment: production', 'environment: prod');
    expect(lines).toEqual([
      'prod.yaml:1:1: name: missing, expected prod, as the file is called',
      'prod.yaml:1:14: environment: found "prod" (string), expected one of production, verification',
    ]);
  });
});

describe('the clouds of a folder', () => {
  it('are the YAML files with a proper name, sorted', async () => {
    const names = ['stage', 'prod-2', 'prod', '9'];
    for (const file of [...names.map((name) => `${name}.yaml`), 'x.json', '.x.yaml', 'Up.yaml'])
      await writeFile(join(dir, file), '');
    expect(await listClouds(dir)).toEqual(['9', 'prod', 'prod-2', 'stage']);
  });

  it('are named when one is asked for that is not there', async () => {
    await writeFile(join(dir, 'stage.yaml'), '');
    await load(good);
    await expect(loadCloud(dir, 'prd')).rejects.toMatchObject({
      name: 'UnknownCloud',
      message: `there is no cloud "prd" in ${dir}; there are prod, stage`,
      hint: 'Did you mean prod?',
    });
    await expect(loadCloud(dir, 'lab')).rejects.toMatchObject({
      hint: `Use one of these names, or add ${dir}/lab.yaml.`,
    });
  });

  it('are looked up by name only, never by path', async () => {
    await load(good);
    await writeFile(join(dir, '..', 'outside.yaml'), good);
    await expect(loadCloud(dir, '../outside')).rejects.toMatchObject({
      name: 'UnknownCloud',
      message: `there is no cloud "../outside" in ${dir}; there is prod`,
      hint: `Use one of these names, or add ${dir}/NAME.yaml.`,
    });
    await rm(join(dir, '..', 'outside.yaml'));
  });

  it('may be none', async () => {
    await expect(loadCloud(dir, 'prod')).rejects.toThrow(
      `there is no cloud "prod" in ${dir}; there are no clouds yet`,
    );
  });

  it('need a folder that can be read', async () => {
    const missing = join(dir, 'missing');
    await expect(listClouds(missing)).rejects.toMatchObject({
      name: 'FolderUnreadable',
      message: expect.stringMatching(/^listing clouds in .*missing: ENOENT/),
      hint: 'Set CLOUDS_DIR to the folder that holds the cloud files.',
    });
  });
});

describe('the target of a host', () => {
  it('takes the port of the host before the one of the cloud', async () => {
    const cloud = await load(good);
    expect(hostTarget(cloud, 'ctl1')).toEqual({
      host: 'ctl1',
      address: 'ctl1.example.org',
      port: 2222,
      user: 'ops',
      key: cloud.ssh.key,
      knownHosts: cloud.ssh.knownHosts,
    });
    expect(hostTarget(cloud, 'ctl2').port).toBe(22);
  });

  it('goes through the bastion as the same user unless it names another', async () => {
    const { ssh, ...rest } = await load(good);
    const plain = { ...rest, ssh: { ...ssh, bastion: { address: 'gate', port: 22 } } };
    const own = { ...rest, ssh: { ...ssh, bastion: { address: 'gate', port: 1, user: 'jump' } } };

    expect(hostTarget(plain, 'ctl1').bastion).toEqual({
      address: 'gate',
      port: 22,
      user: 'ops',
      key: ssh.key,
    });
    expect(hostTarget(own, 'ctl1').bastion).toMatchObject({ port: 1, user: 'jump' });
    expect(HostTarget.parse(hostTarget(own, 'ctl1'))).toEqual(hostTarget(own, 'ctl1'));
  });

  it('is refused for a host that the cloud has not', async () => {
    const cloud = await load(good);
    for (const host of ['db1', 'constructor'])
      expect(() => hostTarget(cloud, host)).toThrow(
        expect.objectContaining({
          name: 'UnknownHost',
          message: `looking for host ${host} in cloud prod: not found; there are ctl2, ctl1`,
        }),
      );
  });
});
