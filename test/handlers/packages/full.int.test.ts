import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(120_000);

/** Builds versions 1 and 2 of two services as Debian packages do them, in an archive each. */
const build = `set -e
for version in 1 2; do
  for name in held free; do
    at=/srv/build/$name; rm -rf $at; mkdir -p $at/DEBIAN $at/etc/init.d /srv/own/$version
    printf '%s\\n' "Package: $name" "Version: $version" 'Architecture: all' 'Maintainer: x <x@example.org>' 'Description: x' >$at/DEBIAN/control
    printf '%s\\n' '#!/bin/sh' '[ "$1" = configure ] || exit 0' \\
      "[ ! -e /etc/fail-$name-$version ] || exit 1" \\
      "[ $name$version != free2 ] || [ ! -e /etc/deaf-after-upgrade ] || : >/run/deaf" \\
      "invoke-rc.d $name restart || exit" >$at/DEBIAN/postinst
    printf '%s\\n' '#!/bin/sh' "case \\$1 in start|restart) echo $version >/run/$name ;; stop) rm -f /run/$name ;; status) [ -e /run/$name ] || exit 3 ;; esac" >$at/etc/init.d/$name
    chmod 755 $at/DEBIAN/postinst $at/etc/init.d/$name
    echo "version = $version" >$at/etc/$name.conf
    printf '%s\\n' /etc/$name.conf /etc/init.d/$name >$at/DEBIAN/conffiles
    deb=/srv/own/$version/\${name}_$version.deb
    dpkg-deb --root-owner-group --build $at $deb >/dev/null
    { dpkg-deb -f $deb; echo "Filename: ./\${deb##*/}"; echo "Size: $(stat -c %s $deb)"; echo "SHA256: $(sha256sum <$deb | cut -d' ' -f1)"; echo; } >>/srv/own/$version/Packages
  done
done
echo 'deb [trusted=yes] file:/srv/own/1 ./' >/etc/apt/sources.list
apt-get update && apt-get -y install held free
printf '%s\\n' '#!/bin/sh' '[ "$1" != other ] || exit 101' 'echo own >>/run/policy' 'exit 0' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
echo 'deb [trusted=yes] file:/srv/own/2 ./' >>/etc/apt/sources.list`;

/** Greets as sshd does, until /run/deaf is there; started again, it greets. */
const ssh = `cat >/usr/local/sbin/sshd <<'END'
#!/bin/sh
echo listenaddress 127.0.0.1:2222
END
cat >/etc/init.d/ssh <<'END'
#!/bin/sh
case $1 in restart) rm -f /run/deaf; echo restarted >>/run/ssh ;; esac
END
chmod 755 /usr/local/sbin/sshd /etc/init.d/ssh
cat >/srv/greet <<'END'
use IO::Socket::INET;
my $door = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 2222, Listen => 5, ReuseAddr => 1) or die;
while (my $guest = $door->accept) { print $guest "SSH-2.0-pretend\\n" unless -e '/run/deaf'; close $guest }
END
setsid perl /srv/greet </dev/null >/dev/null 2>&1 &`;

describe('package, with a full upgrade', () => {
  let dir: string;
  let hosts: PretendHosts;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'full-'));
    hosts = await startHosts({ dir, hosts: [{ name: 'ctl1', roles: [], ownUsr: true }] });
    expect(await sh(`${build} 2>&1`)).not.toContain('exit ');
    await sh(ssh);
  });
  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });
  beforeEach(async () => {
    await sh(
      'rm -f /run/held /run/policy /run/ssh /run/deaf /etc/fail-* /etc/deaf*; echo 1 >/run/free',
    );
    const at1 = await sh(
      'dpkg --purge held free && apt-get -y install held=1 free=1; rm -f /run/held /run/policy',
    );
    expect(at1).not.toContain('exit ');
  });

  const sh = async (script: string) => {
    const { stdout, code } = await hosts.exec(
      'ctl1',
      `export DEBIAN_FRONTEND=noninteractive; ${script}`,
    );
    return code === 0 ? stdout : `${stdout}exit ${code}`;
  };
  const full = (rest: object = {}) =>
    new StepUnderTest(
      'package',
      { update: true, upgrade: 'full', hold: ['held'], ...rest },
      onPretendHost(hosts, 'ctl1'),
    );
  const versions = () => sh("dpkg-query --show --showformat='${Package} ${Version}\\n' held free");
  const policy = () => sh('ls /usr/sbin/policy-rc.d*; sed -n 2p /usr/sbin/policy-rc.d');
  const own = '/usr/sbin/policy-rc.d\n[ "$1" != other ] || exit 101\n';

  it('upgrades everything, starts nothing that is held, and goes back', async () => {
    await sh('echo mine >/etc/free.conf');
    const step = full({ running: ['free'] });

    expect(await step.run()).toBe(true);
    expect(await versions()).toBe('free 2\nheld 2\n');
    expect(await sh('cat /run/free; ls /run/held 2>/dev/null; true')).toBe('2\n');
    expect(await sh('cat /run/policy')).toBe('own\n');
    expect(await sh('cat /etc/free.conf')).toBe('mine\n');
    expect(step.said).toContain('packages: 2 in another version, 0 new, 0 removed\n');
    expect(step.said).toContain('dpkg and apt find nothing wrong\n');
    expect(await policy()).toBe(own);
    const again = full({ update: false });
    expect(await again.isDone()).toBe(true);

    expect(await step.back()).toBe(true);
    expect(await versions()).toBe('free 1\nheld 1\n');
    expect(await sh('cat /run/free; ls /run/held 2>/dev/null; true')).toBe('1\n');
    expect(await policy()).toBe(own);
  });

  it('shows what apt would do, where the lists are there', async () => {
    expect(await full({ update: false }).changes()).toBe(
      'not started meanwhile: held\n2 packages in another version, 0 new, 0 removed\nfree: 1 -> 2\nheld: 1 -> 2',
    );
  });

  it('puts the policy back when apt fails, and finishes at the next try', async () => {
    await sh(': >/etc/fail-free-2');
    const step = full();

    expect((await step.fails()).stdout).toContain('packages: 2 in another version');
    expect(await policy()).toBe(own);
    await sh('rm /etc/fail-free-2');
    expect(await full().run()).toBe(true);
    expect(await step.back()).toBe(true);
    expect(await versions()).toBe('free 1\nheld 1\n');
  });

  it('says that an interrupted run left services held, and ends that', async () => {
    await sh(`mv /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.hopscotch-own
      printf '#!/bin/sh\\n# Hopscotch: here\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d`);
    const step = full({ update: false, upgrade: 'none', install: ['free=1'] });

    expect(await step.changes()).toContain('an interrupted run left services held');
    expect(await step.run()).toBe(true);
    expect(await policy()).toBe(own);
  });

  it('restarts sshd where it answers no new login afterwards, even when apt failed', async () => {
    await sh(': >/etc/deaf-after-upgrade; : >/etc/fail-held-2');

    const output = await full().fails();

    expect(output.stdout).toContain('sshd answers no new login any more, so it is restarted\n');
    expect(await sh('cat /run/ssh')).toBe('restarted\n');
  });

  it('fails while sshd answers no new login, restarted or not', async () => {
    // Its patience is counted in waits of a second.
    const short = '/usr/local/bin/sleep';
    await sh(`: >/etc/deaf-after-upgrade; sed -i 's/rm -f .run.deaf/:/' /etc/init.d/ssh
      printf '#!/bin/sh\necho "$1" >>/run/waits\n' >${short}; chmod 755 ${short}`);

    const output = await full().fails();

    expect(await sh(`rm ${short}; uniq -c /run/waits`)).toMatch(/^ *29 1\n$/);
    expect([output.exit, output.stderr]).toEqual([
      1,
      expect.stringContaining('no new login at 127.0.0.1 port 2222'),
    ]);
  });

  it('tells which services start at boot, and which of them run', async () => {
    const name = '/usr/local/bin/systemctl';
    await sh(`mkdir -p /run/systemd/system; cat >${name} <<'END'
#!/bin/sh
case "$*" in
  list-unit-files*--state=enabled*) printf '%s\n' 'a.service enabled enabled' 'getty@.service enabled enabled' 'b.service enabled enabled' 'c.service enabled enabled' 'd.service enabled enabled' ;;
  'show --property=Id,Type,ActiveState,SubState a.service b.service c.service d.service')
    printf 'Type=notify\nId=a.service\nActiveState=active\nSubState=running\n\n'
    printf 'Type=oneshot\nId=b.service\nActiveState=inactive\nSubState=dead\n\n'
    printf 'Type=simple\nId=c.service\nActiveState=activating\nSubState=auto-restart\n\n'
    printf 'Type=forking\nId=d.service\nActiveState=active\nSubState=exited\n' ;;
  '-q is-active a') exit 0 ;;
  *) exit 3 ;;
esac
END
chmod 755 ${name}`);

    const state = await full({ running: ['a', 'c'] }).probe();

    await sh(`rm -r /run/systemd ${name}`);
    expect(state).toMatchObject({
      host: { running: ['a.service'], down: ['c.service'], up: ['a'], isHeld: false },
    });
  });

  it('takes the configuration of the packages where it is told so, and answers their questions', async () => {
    await sh('echo mine >/etc/free.conf');
    const debconf = [
      { package: 'held', question: 'held/configure_db', type: 'boolean', value: 'false' },
    ];
    const step = full({ conffiles: 'new', debconf });

    expect(await step.run()).toBe(true);
    expect(await sh('cat /etc/free.conf')).toBe('version = 2\n');
    expect(await sh('grep -A4 configure_db /var/cache/debconf/config.dat')).toContain(
      'Value: false',
    );
    expect(await step.back()).toBe(true);
  });

  it('fails where a package is kept back by a hold or a pin, and names it before', async () => {
    await sh('apt-mark hold free');
    const step = full();
    expect(await step.changes()).toContain('free 1 is kept back: on hold');
    await expect(step.run()).rejects.toThrow(/apt ended well, but free 1 is kept back: on hold$/);
    expect(await versions()).toBe('free 1\nheld 2\n');
    await step.back();
    await sh(`apt-mark unhold free
      printf 'Package: free\\nPin: version 1\\nPin-Priority: 1001\\n' >/etc/apt/preferences.d/own`);

    const pinned = full();
    expect(await pinned.changes()).toContain('free 1 is kept back: pinned, so that 2 is not taken');
    await expect(pinned.run()).rejects.toThrow(/free 1 is kept back: pinned/);
    expect(await full({ sources: ['held'] }).run()).toBe(true);
    await sh('rm /etc/apt/preferences.d/own');
  });

  it('fails where a service does not run afterwards, and where the release is not there', async () => {
    const step = full({ running: ['held'] });

    await expect(step.run()).rejects.toThrow(/these do not run: held$/);
    await step.back();
    await expect(full({ release: 'trixie' }).run()).rejects.toThrow(
      /apt ended well, but the host is/,
    );
  });
});
