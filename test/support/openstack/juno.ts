import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptResult } from '../../../sandbox/hosts/host.ts';
import type { JunoFailure } from '../../../sandbox/juno/failures.ts';
import { startJuno, type JunoLab } from '../../../sandbox/juno/start.ts';

export interface JunoDiskLab extends JunoLab {
  readonly on: (host: string, script: string) => Promise<ScriptResult>;
  /** What it printed, without the last line break. Throws unless it ended with 0. */
  readonly ask: (host: string, script: string) => Promise<string>;
  readonly end: () => Promise<void>;
}

/** A Juno cloud with a disk that goes with it. */
export async function startJunoDiskLab(
  failures: readonly JunoFailure[] = [],
): Promise<JunoDiskLab> {
  const dir = await mkdtemp(join(tmpdir(), 'juno-'));
  const juno = await startJuno({ dir, failures });
  const on: JunoDiskLab['on'] = (host, script) => juno.hosts.exec(host, `${helpers}${script}`);
  return {
    ...juno,
    on,
    ask: async (host, script) => {
      const { code, stdout, stderr } = await on(host, script);
      if (code !== 0) throw new Error(`${script}: exit ${code}: ${stderr}${stdout}`);
      return stdout.trim();
    },
    end: async () => {
      await juno.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** What an operator would type at every host; `series` switches apt to that release. */
const helpers = `
series() {
  rm -f /etc/apt/sources.list.d/cloudarchive-*.list
  echo "deb [trusted=yes] file:/srv/mirror/ubuntu trusty-updates/$1 main" >/etc/apt/sources.list.d/cloudarchive-$1.list
  apt-get -qq update
}
starts() {
  if [ "$1" = no ]; then printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
  else rm -f /usr/sbin/policy-rc.d; fi
}
packages() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y --allow-downgrades -o Dpkg::Options::=--force-confold "$@" >/dev/null 2>&1; }
service() { "/etc/init.d/$1" "$2"; }
status() { curl --silent --output /dev/null --write-out '%{http_code}' "$1" || :; }
styles() {
  sheet=$(curl --silent http://127.0.0.1/horizon/auth/login/ | sed -n 's/.*href="\\([^"]*css\\)".*/\\1/p')
  status "http://127.0.0.1$sheet"
}
nova_packages='nova-api nova-cert nova-conductor nova-consoleauth nova-novncproxy nova-scheduler python-novaclient'
flavors() { mysql --defaults-file=/root/.hopscotch.cnf -N -e "SELECT COUNT(*) FROM instance_system_metadata s JOIN instances i ON i.uuid=s.instance_uuid WHERE s.\\\`key\\\`='instance_type_id' AND s.deleted<>s.id AND i.deleted<>i.id" nova; }
`;
