/** The hosts of the cloud that stays warm: two for control, an image host that is ahead, three computes in two zones. */
export const warmRoles: Readonly<Record<string, string[]>> = {
  repo1: ['repository'],
  db1: ['database', 'messaging'],
  ctl1: ['control'],
  ctl2: ['control'],
  img1: ['image'],
  lb1: ['lb'],
  net1: ['network'],
  cmp1: ['compute'],
  cmp2: ['compute'],
  cmp3: ['compute'],
};

const backends = ['glance', 'placement', 'nova', 'neutron', 'cinder', 'heat'];

/** What the cloud's file says of its services. */
export const warmServices = {
  packages: {
    codename: 'forky',
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
      ...backends.map((service) => ({ name: service, service })),
    ],
    waitSeconds: 30,
  },
  openrc: { on: 'control', file: '/root/openrc' },
  smoke: { survivors: ['vm1', 'vm-a', 'vm-b'] },
  computes: { batch: 1, drain: 'live', timeout: 600 },
  openstack: {
    keystone: { parts: { api: 'control' } },
    glance: { parts: { api: 'image' } },
    placement: { parts: { api: 'control' } },
    nova: { parts: { control: 'control', compute: 'compute' }, without: ['nova-novncproxy'] },
    neutron: { parts: { server: 'control', l2: ['network', 'compute'], network: 'network' } },
    cinder: { parts: { api: 'control', volume: 'control' } },
    heat: { parts: { api: 'control' } },
  },
};
