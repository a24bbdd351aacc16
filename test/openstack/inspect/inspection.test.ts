import { describe, expect, it } from '@jest/globals';
import { toShell } from '../../../handlers/contract/command.ts';
import { readInspection } from '../../../openstack/inspect/read.ts';
import { inspectionRequest } from '../../../openstack/inspect/questions.ts';
import { junoCloud, junoWithServices } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import { besideAnswers, inspectedCloud, inspectAnswers } from '../inspect-answers.ts';

const asksNovaApi = (one: typeof junoCloud): boolean =>
  JSON.stringify(inspectionRequest(one, knowledge)).includes('nova_api');

describe('what inspection asks', () => {
  it('asks every host, and the database only through an option file', () => {
    const { become, hosts } = inspectionRequest(junoCloud, knowledge);
    const lines = Object.values(hosts).flatMap(({ commands }) =>
      commands.map(({ words }) => toShell(words)),
    );

    expect(become).toBe(true);
    expect(Object.keys(hosts)).toEqual(Object.keys(junoCloud.hosts));
    expect(lines.some((line) => /--password| -p\S/.test(line))).toBe(false);
    expect(lines.filter((line) => line.includes('.hopscotch.cnf')).length).toBeGreaterThan(8);
  });

  it('asks about an optional database only where the cloud names it', () => {
    const named = junoWithServices(({ openstack }) => {
      openstack['nova'] = { parts: { control: 'control' }, databases: { nova_api: 'nova_api' } };
    });

    expect([asksNovaApi(junoCloud), asksNovaApi(named)]).toEqual([false, true]);
  });
});

const found = inspectedCloud();

const units = (host: string) =>
  Object.fromEntries((found.hosts[host]?.units ?? []).map(({ name, active }) => [name, active]));

describe('what inspection finds', () => {
  it('tells the system and the release of every host', () => {
    expect(found.hosts['ctl1']).toMatchObject({
      os: 'Ubuntu 14.04.6 LTS',
      releases: [
        { project: 'glance', series: 'juno' },
        { project: 'horizon', series: 'juno' },
        { project: 'keystone', series: 'juno' },
        { project: 'neutron', series: 'juno' },
        {
          project: 'nova',
          series: 'juno',
          packages: [{ name: 'nova-api' }, { name: 'nova-conductor' }],
        },
      ],
      unfinished: [],
    });
    expect(found.hosts['cmp1']?.releases).toMatchObject([{ project: 'nova', series: 'juno' }]);
    expect(found.series).toMatchObject({ keystone: ['juno'], nova: ['juno'], neutron: ['juno'] });
    expect(found.ages).toEqual([{ name: 'juno', status: 'end of life', endOfLife: '2015-12-07' }]);
  });

  it('tells which services run, and which are not there', () => {
    expect(units('cmp1')).toMatchObject({ 'nova-compute': 'active' });
    expect(units('ctl1')).toMatchObject({ 'nova-conductor': 'active', 'nova-api': 'inactive' });
    expect(found.hosts['ctl1']?.units.filter(({ isExpected }) => !isExpected)).toEqual([]);
    const without = inspectedCloud((_host, line) =>
      line === 'test -x /etc/init.d/keystone' ? { exit: 1 } : undefined,
    );
    expect(without.hosts['ctl1']?.units).toContainEqual(
      expect.objectContaining({ name: 'keystone', active: 'absent' }),
    );
  });

  it('tells the size and the truth of each database, and the rows that a later sync refuses', () => {
    expect(found.databases.map(({ name, truth }) => [name, truth?.name])).toEqual([
      ['keystone', 'Juno'],
      ['glance', 'Juno'],
      ['nova', 'Juno'],
      ['neutron', 'Juno'],
    ]);
    expect(found.databases[2]).toMatchObject({
      sizeBytes: 1073741824,
      tables: 109,
      revision: '254',
      rows: [
        { what: 'rows without an instance uuid', count: 2, blocksNext: true },
        { count: 41, blocksNext: false },
      ],
      truth: { legalMoves: [{ id: 'nova-delete-null-uuids' }] },
    });
  });

  it('names a schema that stopped partway, with what may be done', () => {
    const stopped = inspectedCloud((_host, line) =>
      line.includes('nova SELECT version, ') ? { stdout: '290\tnova\n' } : undefined,
    );

    expect(stopped.databases[2]).toMatchObject({
      truth: {
        name: 'between Kilo and Liberty: stopped at 290',
        legalMoves: [{ id: 'nova-migrate-flavors' }, { id: 'nova-restore' }],
      },
      rows: [{ blocksNext: false }, { count: 41, blocksNext: true }],
    });
  });

  it('compares the room on the disks with what dumps take', () => {
    expect(found.room).toMatchObject({ host: 'db1', isEnough: true });
    const full = inspectedCloud((_host, line) =>
      line.includes('@@datadir')
        ? { stdout: 'backups\t3000000\t/dev/sda1\ndata\t3000000\t/dev/sda1\n' }
        : undefined,
    );

    // 1 GiB of data: two for the dump and a quarter more than one for its trial, on one device.
    expect(full.room?.isEnough).toBe(false);
  });

  it('tells memcached, the backends and the cron lines that have to go', () => {
    expect(found.memcached).toEqual([
      { from: 'ctl1', address: '192.0.2.21:11211', answer: 'VERSION 1.4.14' },
    ]);
    expect(found.backends).toMatchObject([
      {
        host: 'lb1',
        name: 'keystone_public',
        servers: [{ name: 'ctl1', status: 'UP', sessions: 3 }],
      },
      { name: 'keystone_admin', servers: [] },
      { name: 'glance_api', servers: [] },
      { name: 'nova_api', servers: [{ status: 'MAINT', sessions: 0 }] },
      { name: 'neutron_api', servers: [] },
    ]);
    expect(found.cron).toEqual([
      {
        host: 'ctl1',
        where: 'crontab of keystone',
        line: '@hourly /usr/bin/keystone-manage token_flush >/dev/null',
      },
    ]);
  });

  it('says who did not answer, and what it does not know because of that', () => {
    const { db1, ...others } = inspectAnswers();
    const problem = { message: 'reaching db1: no answer', hint: 'look at its console' };
    const silent = readInspection(
      junoCloud,
      knowledge,
      { ...others, db1: { problem } },
      besideAnswers(),
    );

    expect(db1).toBeDefined();
    expect(silent.silent).toEqual([{ host: 'db1', ...problem }]);
    expect(silent.databases[0]).toMatchObject({ problem: 'its host did not answer' });
    expect(silent).not.toHaveProperty('room');
    expect(silent.hosts['ctl1']?.releases).toHaveLength(5);
  });

  it('says why a database could not be read', () => {
    const denied = inspectedCloud((_host, line) =>
      line.includes('.cnf')
        ? { exit: 1, stderr: "ERROR 1045 (28000): Access denied for user 'x'@'localhost'\n" }
        : undefined,
    );

    expect(denied.databases[0]?.problem).toBe(
      "ERROR 1045 (28000): Access denied for user 'x'@'localhost'",
    );
    expect(denied.problems).toContainEqual({
      host: 'db1',
      what: 'the sizes of the databases',
      why: "ERROR 1045 (28000): Access denied for user 'x'@'localhost'",
    });
  });
});

describe('the age of a release', () => {
  it('is judged by the day, not by what its data said once', () => {
    const at = (now: string) =>
      readInspection(junoCloud, { ...knowledge, series: maintained }, inspectAnswers(), {
        configFiles: {},
        now,
      }).ages.map(({ status }) => status);
    const maintained = knowledge.series.map((one) => ({
      ...one,
      ...(one.name === 'juno' && { status: 'maintained' as const, endOfLife: '2015-12-07' }),
    }));

    expect(at('2015-12-07T00:00:00Z')).toEqual(['maintained']);
    expect(at('2015-12-08T00:00:00Z')).toEqual(['unmaintained']);
  });
});
