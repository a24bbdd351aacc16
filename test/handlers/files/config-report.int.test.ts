import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(60_000);

const config = `[database]
debug = of another section
[DEFAULT]
debug=false
verbose = true
[token]
debug = of this one
`;

/** Writes to its log what it is told by its configuration, as OpenStack's services do. */
const script = `#!/bin/sh
case $1 in
  start|restart)
    cp /etc/keystone.conf /run/seen.$(ls /run | grep -c seen)
    [ ! -e /etc/refuse ] || ! grep -q "debug = True" /etc/keystone.conf || exit 1
    : >/run/up
    echo '2015-11-01 10:00:01.123 4711 WARNING oslo_config.cfg [-] Option "verbose" from group "DEFAULT" is deprecated.' >>/var/log/keystone.log
    echo '2015-11-01 10:00:02.123 4711 WARNING oslo_config.cfg [-] Option "verbose" from group "DEFAULT" is deprecated.' >>/var/log/keystone.log ;;
  stop) rm -f /run/up ;;
  status) [ -e /run/up ] || exit 3 ;;
esac
`;

const short = `#!/bin/sh
exec /usr/bin/sleep "$1e-2"
`;

describe('config-report', () => {
  let dir: string;
  let hosts: PretendHosts;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'report-'));
    hosts = await startHosts({ dir, hosts: [{ name: 'db1', roles: ['db'], ownUsr: true }] });
    // The second between two looks at the log.
    await hosts.exec('db1', 'cat >/usr/local/bin/sleep; chmod 755 /usr/local/bin/sleep', short);
  });
  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });
  beforeEach(async () => {
    await hosts.exec('db1', 'cat >/etc/init.d/reporter; chmod 755 /etc/init.d/reporter', script);
    await hosts.exec('db1', 'rm -f /run/* /etc/refuse; cat >/etc/keystone.conf', config);
    await sh(
      'chmod 640 /etc/keystone.conf; : >/run/up; echo is deprecated, long ago >/var/log/keystone.log',
    );
  });

  const sh = async (line: string) => (await hosts.exec('db1', line)).stdout;
  const files = () =>
    sh('ls -li --time-style=full-iso /etc/keystone*; cat /etc/keystone.conf; ls /run/up');
  const report = () =>
    new StepUnderTest(
      'config-report',
      {
        service: 'keystone',
        unit: 'reporter',
        manager: 'sysv',
        config: '/etc/keystone.conf',
        log: '/var/log/keystone.log',
      },
      onPretendHost(hosts, 'db1'),
    );

  it("prints the service's own words since its start with debug on, and leaves nothing changed", async () => {
    const before = await files();
    const step = report();

    expect(await step.run()).toBe(true);
    expect(step.said).toBe(
      'keystone on deprecated options:\nWARNING oslo_config.cfg [-] Option "verbose" from group "DEFAULT" is deprecated.\n',
    );
    expect(await sh('cat /run/seen.0')).toBe(
      config.replace('debug=false\n', '').replace('[DEFAULT]\n', '[DEFAULT]\ndebug = True\n'),
    );
    expect(await sh('cat /run/seen.1')).toBe(config);
    expect(await files()).toBe(before);
    expect(await step.back()).toBe(true);
    expect(step.said).toBe('');
  });

  it('stops a service again that did not run', async () => {
    await sh('rm /run/up');
    const step = report();

    expect(await step.run()).toBe(true);
    expect(await sh('ls /run/up')).toBe('');
  });

  it('puts the file back when the service does not start with debug on', async () => {
    const before = await files();
    await sh(': >/etc/refuse');

    expect(await report().fails()).toMatchObject({ exit: 1 });
    expect(await files()).toBe(before);
  });

  /** Lets the step be killed during its first start of the service, which dies with it. */
  const killed = async (step: StepUnderTest) => {
    await sh(
      `sed -i 's/: >.run.up$/&; [ $(ls \\/run | grep -c seen) != 1 ] || { rm \\/run\\/up; kill -9 $PPID; }/' /etc/init.d/reporter`,
    );
    expect((await step.fails()).exit).not.toBe(0);
  };

  it('works when it is tried again after it was killed in between', async () => {
    const before = await files();
    const step = report();
    await killed(step);

    expect(await step.again()).toBe(true);
    expect(step.said).toContain('Option "verbose" from group "DEFAULT" is deprecated');
    expect(await files()).toBe(before);
  });

  it('takes the file that a killed attempt had set aside for the own one', async () => {
    const step = report();
    const own = await step.probe();
    await killed(step);
    await sh(': >/run/up');

    expect(await step.probe()).toEqual({ ...Object(own), isLeft: true });
    expect(await step.run()).toBe(true);
  });

  it('is undone after it was killed in between', async () => {
    const before = await files();
    const step = report();
    await killed(step);
    expect(await sh('grep True /etc/keystone.conf')).toBe('debug = True\n');
    expect(await step.back()).toBe(true);
    expect(await files()).toBe(before);
  });
});
