import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(60_000);

const config = '[DEFAULT]\ndebug = true\n';
const pinned = `${config}\n[upgrade_levels]\ncompute = auto\n`;

/** Runs units as systemd does, as far as is asked of it here: each reads its configuration when it starts. */
const systemctl = `#!/bin/sh
verb=$1; shift
for unit; do :; done
run=/run/units/$unit
case $verb in
  is-active) [ -e "$run" ] ;;
  show)
    state=inactive; [ ! -e "$run" ] || state=active
    [ "$1" != --property=ActiveState ] || { echo "ActiveState=$state"; exit; }
    printf "%s\\n" LoadState=loaded ActiveState=$state SubState=any UnitFileState=enabled
    echo "InvocationID=$(cat "$run" 2>/dev/null)" ;;
  stop)
    echo "stop $*" >>/run/told
    for unit; do rm -f "/run/units/$unit"; done ;;
  start)
    echo "start $*" >>/run/told
    for unit; do
      [ ! -e "/run/broken/$unit" ] || exit 1
      cat /proc/sys/kernel/random/uuid >"/run/units/$unit"
      cat /etc/nova/nova.conf >"/run/read/$unit"
    done ;;
esac
`;

describe('nova-pin', () => {
  let dir: string;
  let hosts: PretendHosts;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pin-'));
    const files = { 'usr/local/bin/systemctl': { content: systemctl, mode: 0o755 } };
    hosts = await startHosts({ dir, hosts: [{ name: 'ctl1', roles: [], ownUsr: true, files }] });
  });
  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });
  beforeEach(async () => {
    await sh(
      'rm -rf /run/units /run/read /run/broken /run/hopscotch-restart; mkdir -p /etc/nova /run/units /run/read',
    );
    await hosts.exec('ctl1', 'cat >/etc/nova/nova.conf; chmod 640 /etc/nova/nova.conf', config);
    await sh('systemctl start nova-api nova-conductor; : >/run/told');
  });

  const sh = async (line: string) => (await hosts.exec('ctl1', line)).stdout;
  const readBy = (unit: string) => sh(`cat /run/read/${unit}`);
  const told = () => sh('cat /run/told');
  const step = (params: object) =>
    new StepUnderTest(
      'nova-pin',
      { level: 'auto', units: ['nova-api', 'nova-conductor', 'nova-scheduler'], ...params },
      onPretendHost(hosts, 'ctl1'),
    );

  it('has what runs read the pin, and on rollback the file that is there again', async () => {
    const pin = step({});

    expect(await pin.run()).toBe(true);
    expect([await readBy('nova-api'), await readBy('nova-conductor')]).toEqual([pinned, pinned]);
    expect(await pin.back()).toBe(true);
    expect([await readBy('nova-api'), await readBy('nova-conductor')]).toEqual([config, config]);
    expect(await sh('cat /etc/nova/nova.conf; ls /run/units')).toBe(
      `${config}nova-api\nnova-conductor\n`,
    );
    // Some sleep for minutes at each stop, and none may start before all have stopped.
    const restart = 'stop nova-api nova-conductor\nstart nova-api nova-conductor\n';
    expect(await told()).toBe(restart + restart);
  });

  it('starts at another try what it had stopped', async () => {
    const pin = step({});
    await sh('mkdir /run/broken; : >/run/broken/nova-conductor');

    expect((await pin.fails()).stderr).toContain('nova-conductor did not start again');
    expect(await sh('ls /run/units')).toBe('nova-api\n');
    await sh('rm /run/broken/nova-conductor');
    expect(await pin.again()).toBe(true);
    expect([await readBy('nova-api'), await readBy('nova-conductor')]).toEqual([pinned, pinned]);
  });

  it('leaves the restart to later steps, and has what they started read the file that is there again', async () => {
    const pin = step({ restart: false });

    expect(await pin.run()).toBe(true);
    expect([await sh('cat /etc/nova/nova.conf'), await told()]).toEqual([pinned, '']);
    await sh('systemctl stop nova-conductor; systemctl start nova-conductor; : >/run/told');
    expect(await readBy('nova-conductor')).toBe(pinned);
    expect(await pin.back()).toBe(true);
    expect(await readBy('nova-conductor')).toBe(config);
    expect([await sh('cat /etc/nova/nova.conf'), await told()]).toEqual([
      config,
      'stop nova-conductor\nstart nova-conductor\n',
    ]);
  });
});
