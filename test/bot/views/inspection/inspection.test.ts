import { describe, expect, it } from '@jest/globals';
import { inspectionSummary } from '../../../../bot/views/inspection/inspection.ts';
import { inspectionDetails } from '../../../../bot/views/inspection/details.ts';
import { checkMessageLimits } from '../../../../bot/views/limits.ts';
import { readInspection } from '../../../../openstack/inspect/read.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import { junoCloud } from '../../../openstack/juno-cloud.ts';
import { knowledge } from '../../../openstack/known.ts';
import {
  besideAnswers,
  type HostSays,
  inspectedCloud,
  inspectAnswers,
  junoPackageRows,
} from '../../../openstack/inspect-answers.ts';

const summary = (says?: HostSays): string =>
  drawnMessage(inspectionSummary(inspectedCloud(says), { channel: 'C1' }));

describe('the summary of an inspection', () => {
  it('reads as a screen of a phone, with a mark at what is not well', () => {
    expect(summary()).toBe(
      [
        'Inspection of example-juno · verification',
        '*Release*  Juno everywhere  ·  Juno: unmaintained since 2015-12-07 (end of life)',
        '*Hosts*  6 of 6 answered  ·  Ubuntu 14.04.6 LTS',
        '✗ *Services*  16 of 19 run  ·  not: apache2 on ctl1 (inactive), glance-api on ctl1 (inactive), nova-api on ctl1 (inactive)',
        '*Databases*  keystone Juno, glance Juno, nova Juno, neutron Juno',
        '✗ *Rows*  2 in nova: rows without an instance uuid; the next sync refuses them',
        '*Rows*  41 in nova: instances whose flavor is still in system metadata; a later sync refuses them, so the plan migrates them first',
        '*Disk*  38.1 GiB free for dumps and 19.1 GiB for the trial restore on db1; 1 GiB of data: enough',
        '✗ *Load balancer*  keystone_admin is not there, glance_api is not there, nova_api/ctl1 MAINT, neutron_api is not there  ·  3 sessions',
        '*memcached*  answers: 192.0.2.21:11211',
        '*Cron*  has to be off during the upgrade, on ctl1 (crontab of keystone): `@hourly /usr/bin/keystone-manage token_flush &gt;/dev/null`',
        '*Next*  `/upgrade plan example-juno RELEASE`  ·  nothing was changed',
        'The details are in <#C1>.',
      ].join('\n'),
    );
  });

  it.each([
    ['maintained', '2026-10-02', 'Epoxy: maintained until 2026-10-02'],
    ['unmaintained', '2026-10-02', 'Epoxy: unmaintained since 2026-10-02'],
    ['development', undefined, 'Epoxy: in development'],
  ] as const)('says until or since when a release is %s', (status, endOfLife, said) => {
    const ages = [{ name: 'epoxy' as const, status, ...(endOfLife && { endOfLife }) }];

    const seen = drawnMessage(inspectionSummary({ ...inspectedCloud(), ages }, { channel: 'C1' }));

    expect(seen).toContain(`  ·  ${said}\n`);
  });

  it('ends a finding with one full stop, whether it came with one or not', () => {
    const finding = { level: 'bad', hosts: ['ctl1'] } as const;
    const findings = [
      { ...finding, what: 'the option is gone. Nobody reads it.' },
      { ...finding, what: 'no clock service runs' },
    ];

    const seen = drawnMessage(
      inspectionSummary({ ...inspectedCloud(), findings }, { channel: 'C1' }),
    );

    expect(seen).toContain('Nobody reads it.\n');
    expect(seen).toContain('no clock service runs.\n');
  });

  it('names a schema that stopped between two releases, with its legal moves', () => {
    const stopped = summary((_host, line) =>
      line.includes('nova SELECT version, ') ? { stdout: '290\tnova\n' } : undefined,
    );

    expect(stopped).toContain(
      "✗ *Database nova*  between Kilo and Liberty: stopped at 290. What can be done: Run Kilo's migrate_flavor_data until nothing is left; or: Restore",
    );
  });

  it('names releases that are mixed, and packages that are not whole', () => {
    const mixed = summary((host, line) =>
      host === 'ctl1' && line.startsWith('dpkg-query')
        ? { stdout: `${junoPackageRows['ctl1']}iF \tnova-cert\t1:2015.1.4-0ubuntu2\tnova\n` }
        : undefined,
    );

    expect(mixed).toContain('✗ *Mixed releases*  keystone Juno, glance Juno, nova Juno and Kilo');
    expect(mixed).toContain('✗ *Packages half installed*  nova-cert (iF) on ctl1');
  });

  it('says who did not answer', () => {
    const { cmp2, ...others } = inspectAnswers();
    const problem = { message: 'reaching cmp2: no <answer>', hint: 'look at its console' };
    const found = readInspection(
      junoCloud,
      knowledge,
      { ...others, cmp2: { problem } },
      besideAnswers(),
    );

    expect(cmp2).toBeDefined();
    const seen = drawnMessage(inspectionSummary(found, { by: 'UANN' }));
    expect(seen).toContain(
      '✗ *No answer from cmp2*  reaching cmp2: no &lt;answer&gt;. look at its console',
    );
    expect(seen).toContain('*Hosts*  5 of 6 answered');
  });
});

describe('the details of an inspection', () => {
  it('name every package with its release, every schema with its source, every file', () => {
    const config = { 'kilo/all/etc/nova/nova.conf': 'hush=hush\n' };
    const seen = inspectionDetails(
      readInspection(junoCloud, knowledge, inspectAnswers(), besideAnswers(config)),
    )
      .map(drawnMessage)
      .join('\n');

    expect(seen).toMatch(/^keystone {2}Juno, 1:2014\.2\.4-0ubuntu1~cloud0: keystone/m);
    expect(seen).toContain('*Database nova*  1 GiB · 109 tables · revision 254 · Juno');
    expect(seen).toContain('[nova@juno-eol:nova/db/sqlalchemy/migrate_repo/versions]');
    expect(seen).toMatch(/^`kilo\/all\/etc\/nova\/nova.conf` {2}[0-9a-f]{12}$/m);
    expect(seen).not.toContain('hush');
  });

  it('fit into messages, whatever hosts say', () => {
    const much = 'x & <y> '.repeat(2000);
    const found = inspectedCloud((_host, line) =>
      line.startsWith('dpkg-query')
        ? { stdout: `ii \tnova-${much}\t${much}\tnova\n`.repeat(30) }
        : { stdout: much, stderr: much, exit: line.length % 2 },
    );

    const messages = [inspectionSummary(found, { by: 'UANN' }), ...inspectionDetails(found)];
    for (const message of messages) expect(() => checkMessageLimits(message)).not.toThrow();
  });
});
