import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureNames, type JunoFailure } from '../../sandbox/juno/failures.ts';
import { junoDifferences, type JunoSnapshot } from '../../sandbox/juno/snapshot.ts';
import { eventually } from '../support/eventually.ts';
import { startJunoDiskLab, type JunoDiskLab } from '../support/openstack/juno.ts';

jest.setTimeout(120_000);

describe('the Juno cloud', () => {
  let lab: JunoDiskLab;
  let fresh: JunoSnapshot;

  beforeAll(async () => {
    lab = await startJunoDiskLab(['deprecatedOptions']);
    fresh = await lab.snapshot();
  });

  afterAll(() => lab.end());

  describe('with a failure of the story', () => {
    const dump =
      'mysqldump --defaults-file=/root/.hopscotch.cnf --single-transaction --master-data=2 --databases nova';

    /** What each failure does to whoever meets it first. */
    const symptoms: Readonly<Record<Exclude<JunoFailure, LaterOnes>, () => Promise<void>>> = {
      resizedInstances: async () => {
        expect(
          await lab.sql(
            "SELECT COUNT(*) FROM nova.instances WHERE vm_state = 'resized' OR task_state IS NOT NULL",
          ),
        ).toEqual(['3']);
      },
      nullUuids: async () => {
        expect(await lab.sql('SELECT COUNT(*) FROM nova.instances WHERE uuid IS NULL')).toEqual([
          '2',
        ]);
      },
      wrongSubnet: async () => {
        expect(
          await lab.sql("SELECT cidr FROM neutron.subnets WHERE name LIKE 'ext-%' ORDER BY name"),
        ).toEqual(['203.0.113.0/24', '203.0.113.128/25']);
      },
      tokenCron: async () => {
        expect(await lab.ask('ctl1', 'crontab -u keystone -l')).toMatch(
          /^0 \* \* \* \* \/usr\/bin\/keystone-manage token_flush /m,
        );
      },
      noBinaryLog: async () => {
        expect(await lab.on('db1', `${dump} >/dev/null`)).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('You are not using binary logging (1381)'),
        });
      },
      fullDisk: async () => {
        const { code } = await lab.on(
          'db1',
          `head -c 100000 /dev/zero >/var/backups/hopscotch/dump`,
        );
        expect(code).toBe(1);
        expect(await lab.ask('db1', 'df --output=avail /var/backups/hopscotch | tail -1')).toBe(
          '0',
        );
      },
      mixedPackages: async () => {
        expect(await lab.on('ctl1', 'apt-get check')).toMatchObject({
          code: 100,
          stderr: expect.stringMatching(/Unmet dependencies/),
        });
        const versions = await lab.ask(
          'ctl1',
          `dpkg-query --show nova-api nova-common python-nova`,
        );
        expect(versions.split('\n').map((line) => line.split('\t')[1]?.slice(0, 6))).toEqual([
          '1:2014',
          '1:2015',
          '2:12.0',
        ]);
      },
    };

    it.each(Object.entries(symptoms))('%s: shows, and goes when mended', async (name, shows) => {
      const failure = failureNames.find((one) => one === name)!;
      await lab.fail(failure);
      await shows();

      await lab.mend(failure);
      expect(junoDifferences(fresh, await lab.snapshot())).toEqual([]);
    });
  });

  describe('on the road', () => {
    let clouds: string;

    beforeAll(async () => {
      clouds = await mkdtemp(join(tmpdir(), 'clouds-'));
      await lab.writeCloud(clouds);
    });

    afterAll(() => rm(clouds, { recursive: true }));

    /** Puts the operator's file for a release in its place. */
    const configure = async (host: string, series: string, path: string) => {
      const content = await readFile(join(clouds, 'juno-lab', series, 'all', path), 'utf8');
      const { code } = await lab.hosts.exec(host, `cat >'/${path}'`, content);
      expect(code).toBe(0);
    };

    it('takes the first Kilo release, with its broken flavor migration, where that is pinned', async () => {
      await lab.fail('firstKilo');
      await lab.ask('ctl1', 'starts no; series kilo; packages install $nova_packages');
      await configure('ctl1', 'kilo', 'etc/nova/nova.conf');
      await lab.ask('ctl1', 'nova-manage db sync');

      expect(
        await lab.on('ctl1', 'nova-manage db migrate_flavor_data --max-number 5'),
      ).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('TypeError: migrate_flavor_data()'),
      });
      expect(await lab.ask('ctl1', 'nova-manage db version; flavors')).toBe('280\n7');
      await lab.mend('firstKilo');
      await lab.ask('ctl1', 'packages install $nova_packages');
      expect(await lab.ask('ctl1', 'dpkg-query --show nova-api')).toContain('1:2015.1.4');
    });

    it('leaves the flavors of resized and busy instances behind, unless forced', async () => {
      await lab.fail('resizedInstances');
      const migrate = 'nova-manage db migrate_flavor_data --max-number 1000';

      expect(await lab.ask('ctl1', migrate)).toBe('7 instances matched query, 4 completed');
      expect(await lab.ask('ctl1', `${migrate} --force; flavors`)).toBe(
        '3 instances matched query, 3 completed\n0',
      );
    });

    it('serves keystone by Apache in Kilo, once its own daemon lets go of the ports', async () => {
      await configure('ctl1', 'kilo', 'etc/keystone/keystone.conf');
      await configure('ctl1', 'kilo', 'etc/apache2/sites-available/wsgi-keystone.conf');
      await lab.ask('ctl1', 'packages install keystone');
      await lab.ask(
        'ctl1',
        'service keystone stop; keystone-manage db_sync; update-rc.d keystone disable',
      );
      await lab.fail('keystoneRespawn');
      await lab.ask(
        'ctl1',
        'a2ensite wsgi-keystone; until service keystone status; do sleep 0.05; done',
      );

      expect(await lab.on('ctl1', 'service apache2 restart')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          '(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:5000',
        ),
      });

      await lab.mend('keystoneRespawn');
      await lab.ask('ctl1', 'service keystone stop; service apache2 start');
      // The load balancer asks twice a second whether it is there again.
      const asked = 'status http://127.0.0.1:5000/v3; status http://lb1:35357/v3';
      await eventually(async () => (await lab.ask('ctl1', asked)) === '200200');
    });

    it('reaches Kilo and Liberty with every schema at its head and every API answering', async () => {
      const neutron =
        'neutron-db-manage --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade head';
      const rest = 'glance neutron-server neutron-plugin-ml2 python-neutronclient';
      const schemas = () =>
        lab.sql(
          'SELECT version FROM keystone.migrate_version UNION ALL SELECT version FROM glance.migrate_version UNION ALL SELECT version FROM nova.migrate_version UNION ALL (SELECT version_num FROM neutron.alembic_version ORDER BY 1)',
        );
      const start =
        'for name in glance-registry glance-api neutron-server nova-api apache2; do service $name restart; done';
      await lab.ask(
        'ctl1',
        `packages install ${rest}; glance-manage db_sync; ${neutron}; ${start}`,
      );
      expect(await schemas()).toEqual(['67', '41', '280', 'kilo']);
      expect(await lab.ask('ctl1', apis)).toBe('200 300 200 200');

      for (const path of ['keystone/keystone.conf', 'apache2/sites-available/wsgi-keystone.conf'])
        await configure('ctl1', 'liberty', `etc/${path}`);
      await lab.ask(
        'ctl1',
        `service apache2 stop; series liberty; packages install keystone ${rest} $nova_packages
        keystone-manage db_sync; glance-manage db_sync; nova-manage db sync; ${neutron}; ${start}`,
      );
      expect(await schemas()).toEqual(['75', '42', '302', '34af2b5c5a59', '4af11ca47297']);
      expect(await lab.ask('ctl1', apis)).toBe('200 300 200 200');
      expect(
        await lab.ask(
          'ctl1',
          '. /root/openrc; for c in "openstack service list" "nova service-list" "glance image-list" "neutron agent-list"; do $c | wc -l; done',
        ),
      ).toBe('8\n10\n6\n10');
    });

    it('knows nova_api from Kilo on', async () => {
      await configure('ctl1', 'liberty', 'etc/nova/nova.conf');
      await lab.sql('CREATE DATABASE nova_api CHARACTER SET utf8');

      expect(await lab.ask('ctl1', 'nova-manage api_db sync; nova-manage api_db version')).toBe(
        '3',
      );
    });

    it("upgrades computes and agents from Liberty's suite", async () => {
      await lab.ask(
        'cmp1',
        'starts yes; series liberty; packages install nova-compute neutron-plugin-openvswitch-agent',
      );

      expect(
        await lab.ask(
          'cmp1',
          'service nova-compute status; service neutron-plugin-openvswitch-agent status; dpkg-query --show nova-compute',
        ),
      ).toContain('2:12.0.6');
    });

    it('collects no style sheets while they are stuck, until the dashboard is purged', async () => {
      await lab.fail('horizonWithoutStyles');
      await configure('ctl1', 'liberty', 'etc/openstack-dashboard/local_settings.py');
      const dashboard =
        'openstack-dashboard python-django-horizon python-openstack-auth python-django';
      await lab.ask(
        'ctl1',
        `starts yes; packages remove ${dashboard}; packages install openstack-dashboard`,
      );
      expect(await lab.ask('ctl1', 'styles')).toBe('404');

      await lab.ask('ctl1', `packages purge ${dashboard}; packages install openstack-dashboard`);
      await configure('ctl1', 'liberty', 'etc/openstack-dashboard/local_settings.py');
      expect(await lab.ask('ctl1', 'service apache2 restart; styles')).toBe('200');
    });

    it('says which options are deprecated, and with debug all that are set', async () => {
      await lab.ask(
        'ctl1',
        `sed -i 's/^debug = false/debug = true/' /etc/keystone/keystone.conf; : >/var/log/keystone/keystone.log; service apache2 restart`,
      );
      const log = await lab.ask('ctl1', 'cat /var/log/keystone/keystone.log');

      expect(log).toContain(
        'WARNING oslo_config.cfg [-] Option "bind_host" from group "DEFAULT" is deprecated. Use option "public_bind_host" from group "eventlet_server".',
      );
      expect(log).toMatch(/DEBUG oslo_config\.cfg \[-\] database\.connection +\*{0} *= \*{4}$/m);
    });

    it('refuses Kilo on rows without a uuid, at 266', async () => {
      await lab.ask('ctl1', 'starts no');
      await lab.sql(
        'ALTER TABLE nova.instances MODIFY uuid varchar(36), DROP KEY uniq_instances0uuid; UPDATE nova.migrate_version SET version = 254',
      );
      await lab.fail('nullUuids');

      expect(await lab.on('ctl1', 'nova-manage db sync')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          "There are 2 records in the 'instances' table where the uuid or instance_uuid column is NULL. These must be manually cleaned up before the migration will pass. Consider running the 'nova-manage db null_instance_uuid_scan' command.",
        ),
      });
      expect(await lab.ask('ctl1', 'nova-manage db version')).toBe('266');
      expect(await lab.ask('ctl1', 'nova-manage db null_instance_uuid_scan --delete')).toBe(
        "Deleted 2 records from table 'instances'.",
      );
    });
  });
});

/** Failures that show on the path only. */
type LaterOnes = 'firstKilo' | 'keystoneRespawn' | 'horizonWithoutStyles' | 'deprecatedOptions';

const apis =
  'echo $(status http://127.0.0.1:5000/v3) $(status http://127.0.0.1:9292/) $(status http://127.0.0.1:8774/) $(status http://127.0.0.1:9696/)';
