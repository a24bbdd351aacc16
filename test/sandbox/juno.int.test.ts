import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCloud } from '../../jobs/files/cloud.ts';
import { junoDifferences, type JunoSnapshot } from '../../sandbox/juno/snapshot.ts';
import { startJunoDiskLab, type JunoDiskLab } from '../support/openstack/juno.ts';

jest.setTimeout(120_000);

const kilo = '1:2015.1.4-0ubuntu1~cloud0';
const liberty = '2:12.0.6-0ubuntu1~cloud0';

describe('the Juno cloud', () => {
  let lab: JunoDiskLab;
  let fresh: JunoSnapshot;

  beforeAll(async () => {
    lab = await startJunoDiskLab();
    fresh = await lab.snapshot();
  });

  afterAll(() => lab.end());

  const differences = async () => junoDifferences(fresh, await lab.snapshot());

  it('answers over SSH as Juno, from its database', async () => {
    const { hosts } = lab;
    const { address } = hosts.hosts.find(({ name }) => name === 'ctl1')!;
    const options = ['-F', 'none', '-o', `UserKnownHostsFile=${hosts.knownHostsPath}`];
    const place = ['-i', hosts.keyPath, '-p', String(hosts.port), `${hosts.user}@${address}`];
    const listed = await new Promise<string>((done) => {
      execFile(
        'ssh',
        [...options, ...place, '. /root/openrc; openstack service list; nova-manage db version'],
        (_error, stdout, stderr) => done(stdout + stderr),
      );
    });

    expect(listed).toMatch(/\| keystone \| identity \|/);
    expect(listed).toMatch(/\| neutron {2}\| network {2}\|/);
    expect(listed).toMatch(/^254$/m);
  });

  it('serves every API on its controller and behind the load balancer', async () => {
    const urls = [
      'ctl1:5000/v3',
      'ctl1:35357/v3',
      'ctl1:9292/',
      'ctl1:8774/',
      'ctl1:9696/',
      'lb1:5000/v3',
      'lb1:35357/v3',
      'lb1:9292/',
      'lb1:8774/',
      'lb1:9696/',
      'lb1/horizon/auth/login/',
    ];
    const answers = await lab.ask(
      'cmp1',
      urls.map((url) => `echo ${url} $(status http://${url})`).join('\n'),
    );

    const codes = [200, 200, 300, 200, 200, 200, 200, 300, 200, 200, 200];
    expect(answers.split('\n')).toEqual(urls.map((url, i) => `${url} ${codes[i]}`));
    expect(await lab.ask('ctl1', 'styles')).toBe('200');
  });

  it('has each schema at the head of Juno', async () => {
    const versions = await Promise.all([
      lab.ask('ctl1', 'runuser -u keystone -- keystone-manage db_version'),
      lab.ask('ctl1', 'runuser -u glance -- glance-manage db_version'),
      lab.ask('ctl1', 'runuser -u nova -- nova-manage db version'),
      lab.sql('SELECT version_num FROM neutron.alembic_version'),
    ]);

    expect(versions).toEqual(['55', '36', '254', ['juno']]);
  });

  it('writes a binary log, so that a dump knows its position', async () => {
    const dump =
      'mysqldump --defaults-file=/root/.hopscotch.cnf --single-transaction --master-data=2 --databases nova';

    expect(await lab.ask('db1', `${dump} | grep -c 'CHANGE MASTER TO'`)).toBe('1');
  });

  it('describes itself as a cloud file, with configuration for both releases to come', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'clouds-'));
    await lab.writeCloud(dir);
    const cloud = await loadCloud(dir, lab.cloudName);
    const files = await readdir(join(dir, 'juno-lab', 'liberty', 'all', 'etc'));
    await rm(dir, { recursive: true });

    expect(cloud).toMatchObject({ name: 'juno-lab', series: 'juno' });
    expect(files.toSorted()).toEqual([
      'apache2',
      'glance',
      'keystone',
      'neutron',
      'nova',
      'openstack-dashboard',
    ]);
  });

  it('is its own image when nothing was done', async () => {
    expect(await differences()).toEqual([]);
  });

  it('shows every kind of difference, and none once it is put back', async () => {
    await lab.on(
      'ctl1',
      'echo "# mine" >>/etc/nova/nova.conf; chmod 600 /etc/glance/glance-api.conf; echo x >/etc/new; apt-mark hold keystone; service nova-cert stop; echo "* * * * * true" | crontab -u nova -; apt-mark auto apache2; rm /etc/apt/sources.list.d/cloudarchive-juno.list; update-rc.d nova-cert disable',
    );
    await lab.sql(
      "UPDATE keystone.role SET name = 'boss' WHERE name = 'admin'; CREATE DATABASE scratch; GRANT SELECT ON scratch.* TO nova@'%'",
    );
    await lab.on('lb1', admin('set server nova_api/ctl1 state drain'));

    const found = await differences();

    for (const one of [
      /^ctl1 content \/etc\/nova\/nova\.conf: /,
      /^ctl1 file \/etc\/glance\/glance-api\.conf: f 640 .* -> f 600 /,
      /^ctl1 content \/etc\/new: was not there$/,
      /^ctl1 content \/etc\/apt\/sources\.list\.d\/cloudarchive-juno\.list: is gone$/,
      /^ctl1 hold keystone: was not there$/,
      /^ctl1 manual apache2: is gone$/,
      /^ctl1 service nova-cert: exit 0 -> exit 3$/,
      /^ctl1 crontab nova: was not there$/,
      /^ctl1 file \/etc\/rc2\.d\/S01nova-cert: is gone$/,
      /^db1 database keystone: \+ INSERT INTO `role` .*'boss'/,
      /^db1 database scratch: was not there$/,
      /^db1 grants 'nova'@'%': \+ GRANT SELECT ON `scratch`/,
      /^lb1 haproxy nova_api\/ctl1: admin state 0, .* -> admin state 8, /,
    ])
      expect(found).toContainEqual(expect.stringMatching(one));

    await lab.on(
      'ctl1',
      `sed -i '/^# mine/d' /etc/nova/nova.conf; chmod 640 /etc/glance/glance-api.conf; rm /etc/new; apt-mark unhold keystone; crontab -u nova -r; apt-mark manual apache2; series juno; update-rc.d nova-cert enable; service nova-cert start`,
    );
    await lab.sql(
      "UPDATE keystone.role SET name = 'admin' WHERE name = 'boss'; REVOKE SELECT ON scratch.* FROM nova@'%'; DROP DATABASE scratch",
    );
    await lab.on('lb1', admin('set server nova_api/ctl1 state ready'));
    expect(await differences()).toEqual([]);
  });

  it('takes a drained backend out of rotation, and back in', async () => {
    const through = () => lab.ask('cmp1', 'status http://lb1:5000/v3');
    await lab.on('lb1', admin('set server keystone_public/ctl1 state drain'));
    expect(await through()).toBe('503');
    expect(await lab.ask('cmp1', 'status http://lb1:35357/v3')).toBe('200');

    await lab.on('lb1', admin('set server keystone_public/ctl1 state ready'));
    expect(await through()).toBe('200');
  });

  it('keeps memcached, which stores and returns', async () => {
    const said = await lab.ask(
      'ctl1',
      `printf 'set a 0 60 2\\r\\nok\\r\\nget a\\r\\nquit\\r\\n' | socat - TCP:ctl1:11211 | tr -d '\\r'`,
    );

    expect(said).toBe('STORED\nVALUE a 0 2\nok\nEND');
  });

  it('gets up after a power cut of its controller and its database', async () => {
    await Promise.all(['ctl1', 'db1'].map((name) => lab.hosts.reboot(name)));

    expect(await differences()).toEqual([]);
    expect(await lab.ask('ctl1', 'status http://lb1:8774/')).toBe('200');
  });

  it('flushes expired tokens, which nobody misses', async () => {
    await lab.ask('ctl1', 'runuser -u keystone -- keystone-manage token_flush');

    expect(await lab.sql('SELECT COUNT(*) FROM keystone.token')).toEqual(['4']);
    expect(await differences()).toEqual([]);

    await lab.sql('DELETE FROM keystone.token LIMIT 1');
    expect(await differences()).toEqual([
      expect.stringMatching(/^db1 database keystone: - INSERT INTO `token`/),
    ]);
  });

  describe('on the straight way to Liberty', () => {
    it('moves every nova package of a host together', async () => {
      await lab.ask('ctl1', 'starts no; series liberty; packages install nova-api');

      const versions = await lab.ask('ctl1', `dpkg-query --show '*nova*'`);
      expect(versions.split('\n').filter((line) => line.endsWith(liberty))).toHaveLength(2 + 6);
      expect(await lab.ask('ctl1', 'dpkg-query --show keystone')).toContain('1:2014.2.4');
    });

    it('stops at 290, with the text of migration 291', async () => {
      const sync = await lab.on('ctl1', 'runuser -u nova -- nova-manage db sync');

      expect(sync).toMatchObject({
        code: 1,
        stdout: 'Command failed, please check log for more info\n',
        stderr: expect.stringMatching(
          /^nova\.exception\.ValidationError: There are still 7 unmigrated flavor records\. Migration cannot continue until all instance flavor records have been migrated to the new format\. Please run `nova-manage db migrate_flavor_data' first\.$/m,
        ),
      });
      expect(await lab.ask('ctl1', 'nova-manage db version')).toBe('290');
      expect(await lab.on('ctl1', 'nova-manage db migrate_flavor_data')).toMatchObject({ code: 2 });
    });

    it('is answered with errors by the API on the wrong schema', async () => {
      await lab.on('ctl1', 'service nova-api restart');

      expect(await lab.ask('ctl1', 'status http://127.0.0.1:8774/')).toBe('500');
    });

    it('is refused by Kilo, which cannot go down from 290', async () => {
      const names = ['api', 'cert', 'conductor', 'consoleauth', 'novncproxy', 'scheduler'];
      const pins = [...names.map((name) => `nova-${name}`), 'nova-common', 'python-nova']
        .map((name) => `${name}=${kilo}`)
        .join(' ');
      await lab.ask('ctl1', `series kilo; packages install ${pins}`);

      expect(await lab.on('ctl1', 'nova-manage db sync')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^KeyError: <VerNum\(290\)>$/m),
      });
      expect(await lab.ask('ctl1', 'nova-manage db version')).toBe('290');
    });

    it("is healed forward by Kilo's flavor migration, up to Liberty's head", async () => {
      const migrate = (most: number) =>
        lab.ask('ctl1', `nova-manage db migrate_flavor_data --max-number ${most}`);
      expect(await migrate(3)).toBe('3 instances matched query, 3 completed');
      expect(await migrate(1000)).toBe('4 instances matched query, 4 completed');
      expect(await migrate(1000)).toBe('0 instances matched query, 0 completed');

      await lab.ask('ctl1', 'series liberty; packages install $nova_packages; nova-manage db sync');

      expect(await lab.ask('ctl1', 'nova-manage db version; flavors')).toBe('302\n0');
      const [flavor] = await lab.sql(
        'SELECT JSON_VALUE(flavor, \'$.cur."nova_object.data".name\') FROM nova.instance_extra WHERE id = 1',
      );
      expect(flavor).toBe('m1.small');
      expect(await lab.ask('ctl1', 'service nova-api restart; status http://127.0.0.1:8774/')).toBe(
        '200',
      );
    });

    it("leaves the old dashboard's assets, until its directory is emptied", async () => {
      const settings = `printf "COMPRESS_OFFLINE = True\\nWEBROOT = '/horizon/'\\n" >/etc/openstack-dashboard/local_settings.py`;
      await lab.ask('ctl1', `starts yes; packages install openstack-dashboard; ${settings}`);
      expect(await lab.ask('ctl1', 'service apache2 restart; styles')).toBe('404');

      await lab.ask(
        'ctl1',
        `packages remove openstack-dashboard python-django-horizon python-openstack-auth python-django
        find /usr/share/openstack-dashboard -depth -path '*/static/*' -delete
        packages install openstack-dashboard`,
      );
      expect(await lab.ask('ctl1', 'styles')).toBe('200');
    });
  });
});

const admin = (command: string): string =>
  `echo '${command}' | socat - UNIX-CONNECT:/run/haproxy/admin.sock`;
