import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RealLab } from './lab.ts';
import { openstackClient } from './truth.ts';

/** The unit on ctl1 that runs the nova-compute of `cmp2`. */
export const secondUnit = 'nova-compute-cmp2';

const settings = `[DEFAULT]
host = cmp2
state_path = /var/lib/nova-cmp2
log_file = /var/log/nova/nova-compute-cmp2.log
compute_driver = fake.FakeDriver
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
[oslo_concurrency]
lock_path = /var/lib/nova-cmp2/lock
[vnc]
enabled = false
`;

// Debian has the program in a package of its own, and what it runs in the one that ctl1 has.
const unit = `[Unit]
Description=A second nova-compute
[Service]
User=nova
Group=nova
Type=notify
NotifyAccess=all
WorkingDirectory=~
ExecStart=/usr/bin/python3 -c "import sys; from nova.cmd.compute import main; sys.exit(main())" --config-file /etc/nova/nova.conf --config-file /etc/nova/nova-cmp2.conf
TimeoutStopSec=15
[Install]
WantedBy=multi-user.target
`;

/** Runs a second nova-compute on ctl1, so that servers of cmp1 have somewhere to go, and waits until nova counts on it. */
export async function startSecondCompute(lab: RealLab): Promise<void> {
  await lab.sh(
    'ctl1',
    `set -e
     install -d -o nova -g nova /var/lib/nova-cmp2
     printf '%s' '${settings}' >/etc/nova/nova-cmp2.conf
     printf '%s' '${unit}' >/etc/systemd/system/${secondUnit}.service
     systemctl daemon-reload
     systemctl start ${secondUnit}`,
  );
  await waitFor('nova-compute on cmp1 and cmp2 to be up', async () => {
    const all = await computesOf(lab);
    return ['cmp1', 'cmp2'].every((host) => all[host]?.isUp === true);
  });
  await lab.sh('ctl1', 'runuser -u nova -- nova-manage cell_v2 discover_hosts');
  await waitFor('nova to have mapped cmp2', async () =>
    (await openstackClient(lab, 'hypervisor list -f value -c "Hypervisor Hostname"')).includes(
      'cmp2',
    ),
  );
}

interface ComputeService {
  /** Why it is disabled; nothing where it is enabled. */
  readonly disabled?: string;
  readonly isUp: boolean;
}

const Services = z.array(
  z.object({
    Host: z.string(),
    Status: z.string(),
    State: z.string(),
    'Disabled Reason': z.string().nullable(),
  }),
);

/** Nova's computes by host, as its own client tells. */
export async function computesOf(lab: RealLab): Promise<Record<string, ComputeService>> {
  const text = await openstackClient(
    lab,
    'compute service list --service nova-compute --long -f json',
  );
  return Object.fromEntries(
    Services.parse(JSON.parse(text)).map((one) => [
      one.Host,
      {
        isUp: one.State === 'up',
        ...(one.Status === 'disabled' && { disabled: one['Disabled Reason'] ?? '' }),
      },
    ]),
  );
}

const Servers = z.array(z.object({ Name: z.string(), Status: z.string(), Host: z.string() }));

/** `vm1 ACTIVE cmp1` for each server, sorted. */
export async function serversOf(lab: RealLab): Promise<string[]> {
  const text = await openstackClient(lab, 'server list --all-projects --long -f json');
  return Servers.parse(JSON.parse(text))
    .map(({ Name, Status, Host }) => `${Name} ${Status} ${Host}`)
    .toSorted();
}

export async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(2000);
  }
}
