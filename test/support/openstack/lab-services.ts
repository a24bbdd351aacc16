/** The hosts of the lab: one for control, one compute, database and balancer apart, and the mirror that is all they reach. */
export const labRoles: Readonly<Record<string, string[]>> = {
  repo1: ['repository'],
  db1: ['database', 'messaging'],
  ctl1: ['control'],
  lb1: ['lb'],
  cmp1: ['compute'],
};

/** What the cloud's file says of its services. */
export const labServices = {
  packages: {
    codename: 'bookworm',
    archive: 'none',
    mirror: {
      uri: 'http://repo.lab/debian',
      components: ['main'],
      trusted: true,
      lists: ['/etc/apt/sources.list'],
    },
  },
  database: {
    on: 'database',
    defaultsFile: '/root/.hopscotch.cnf',
    backups: '/var/backups/hopscotch',
  },
  rabbitmq: { on: 'messaging' },
  memcached: [{ on: 'database', port: 11211 }],
  loadBalancer: {
    on: 'lb',
    socket: '/run/haproxy/admin.sock',
    backends: [
      { name: 'keystone_public', service: 'keystone' },
      {
        name: 'keystone_admin',
        service: 'keystone',
        keep: 'the services and the operator check tokens through it',
      },
    ],
    waitSeconds: 30,
  },
  openrc: { on: 'control', file: '/root/openrc' },
  smoke: { survivors: ['vm1'] },
  openstack: {
    keystone: { parts: { api: 'control' } },
    glance: { parts: { api: 'control' } },
    placement: { parts: { api: 'control' } },
    nova: {
      parts: { control: 'control', compute: 'compute' },
      // Neither is in use here.
      without: ['nova-novncproxy', 'nova-api-metadata'],
      options: {
        epoxy: ['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf'].map((path) => ({
          part: 'compute',
          path,
          section: 'DEFAULT',
          option: 'compute_driver',
          value: 'fake.FakeDriverWithoutFakeNodes',
          why: 'the driver of these hosts is called so from Epoxy on',
        })),
      },
    },
    neutron: { parts: { server: 'control' } },
    horizon: { parts: { web: 'control' } },
  },
};
