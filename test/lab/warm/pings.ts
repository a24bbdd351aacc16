import { setTimeout as sleep } from 'node:timers/promises';
import type { RealLab } from '../lab.ts';

/** nova's fake driver plugs nothing: a namespace with the port's MAC and address on the compute's bridge stands for an instance. */
const gateway = '10.1.0.1';
const log = '/var/log/lab-ping';

/** Makes an instance's port on the compute and has it ping its router, five times a second, for as long as the host runs. */
export async function startPing(lab: RealLab, host: string): Promise<void> {
  // On a busy machine a word of OpenStack's client takes minutes.
  const made = await lab.sh(
    'ctl1',
    `set -e
     . /root/openrc; api=$(echo "$OS_AUTH_URL" | cut -d: -f1,2)
     token=$(curl -fsS -D - -o /dev/null -H 'Content-Type: application/json' "$OS_AUTH_URL/auth/tokens" -d '{"auth": {"identity":
       {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"name": "Default"}, "password": "'$OS_PASSWORD'"}}},
       "scope": {"project": {"name": "admin", "domain": {"name": "Default"}}}}}' | tr -d '\\r' | sed -n 's/^x-subject-token: //Ip')
     ask() { curl -fsS "$api:9696/v2.0/$1" -H "X-Auth-Token: $token" -H 'Content-Type: application/json' \${2:+-d "$2"}; }
     net=$(ask networks?name=net1 | jq -r '.networks[0].id')
     ask ports '{"port": {"network_id": "'$net'", "name": "ping-${host}", "device_owner": "compute:lab", "binding:host_id": "${host}"}}'`,
  );
  const { port } = JSON.parse(made) as {
    port: { id: string; mac_address: string; fixed_ips: [{ ip_address: string }] };
  };
  const { id, mac_address: mac, fixed_ips } = port;
  await lab.sh(
    host,
    `set -e
     ip netns add vm
     ip link add tapvm type veth peer name eth0 netns vm
     ip link set tapvm up
     ip -n vm link set eth0 address ${mac} up
     ip -n vm link set lo up
     ip -n vm addr add ${fixed_ips[0].ip_address}/24 dev eth0
     ip -n vm route add default via ${gateway}
     ip netns exec vm ethtool -K eth0 tx off >/dev/null 2>&1 || true
     ovs-vsctl --if-exists del-port br-int tapvm -- add-port br-int tapvm -- set interface tapvm external_ids:iface-id=${id} external_ids:attached-mac=${mac} \
       external_ids:iface-status=active external_ids:vm-uuid=lab
     systemd-run -q --unit=lab-ping sh -c 'exec ip netns exec vm ping -D -O -n -i 0.2 ${gateway} >${log}'`,
  );
  for (let tries = 0; tries < 60; tries++) {
    if ((await answersOf(lab, host)).length > 0) return;
    await sleep(3000);
  }
  throw new Error(`the port on ${host} reaches its router not even after three minutes`);
}

async function answersOf(lab: RealLab, host: string): Promise<number[]> {
  const text = await lab.sh(host, `grep 'bytes from' ${log} || true`);
  return [...text.matchAll(/^\[(\d+\.\d+)\]/gm)].map(([, at]) => Number(at));
}

/** The longest time between two answers, in seconds. */
export async function longestPause(lab: RealLab, host: string): Promise<number> {
  const answers = await answersOf(lab, host);
  const pauses = answers.slice(1).map((at, index) => at - (answers[index] ?? at));
  return Math.round(Math.max(0, ...pauses) * 10) / 10;
}
