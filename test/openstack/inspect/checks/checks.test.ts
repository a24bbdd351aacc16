import { describe, expect, it } from '@jest/globals';
import type { CommandOutput } from '../../../../handlers/contract/command.ts';
import { readChecks } from '../../../../openstack/inspect/checks/index.ts';
import type { ReleaseName } from '../../../../openstack/knowledge/releases.ts';
import { junoCloud } from '../../juno-cloud.ts';
import { knowledge } from '../../known.ts';
import { inspectionSubject } from '../../../../openstack/inspect/subject.ts';

const subject = inspectionSubject(junoCloud, knowledge);
const { packages } = subject.services;

const context: Parameters<typeof readChecks>[0] = {
  ...subject,
  services: { ...subject.services, packages: { ...packages, codename: 'bookworm' } },
  now: '2026-01-01T00:00:00Z',
};

interface Answer {
  readonly check: string;
  readonly host?: string;
  readonly about?: string;
  readonly outputs: readonly (string | Partial<CommandOutput>)[];
}

/** keystone is installed, of each of these releases. */
function installed(series: readonly ReleaseName[]): Answer {
  const versions = series.map((one) => knowledge.versions['keystone']?.[one]?.[0] ?? '');
  return {
    check: 'packages',
    outputs: [versions.map((one) => `ii \tkeystone\t${one}\tkeystone\n`).join('')],
  };
}

/** What is found when these are the answers. */
const found = (answers: readonly Answer[], series: readonly ReleaseName[] = ['zed']) =>
  readChecks(
    context,
    [installed(series), ...answers].map(({ check, host = 'ctl1', about, outputs }) => ({
      host,
      check,
      ...(about !== undefined && { about }),
      outputs: outputs.map((one) => ({
        exit: 0,
        stdout: '',
        stderr: '',
        ...(typeof one === 'string' ? { stdout: one } : one),
      })),
    })),
  );

const said = (answers: readonly Answer[], series?: readonly ReleaseName[]): string[] =>
  found(answers, series).findings.map(
    ({ level, hosts, what }) => `${level} ${hosts.join(' ')}: ${what}`,
  );

describe('what inspection finds on any host', () => {
  const state = (...lines: string[]): Answer => ({
    check: 'host-state',
    outputs: [[...lines, 'end\there\n'].join('\n')],
  });

  it('is nothing on one that is well', () => {
    expect(
      said([state('codename\tbookworm', 'clock-unit\tchronyd', 'disk\t/usr\t90000000')]),
    ).toEqual([]);
  });

  it('tells of clocks, leftovers, pins and room, and says once what is so on many hosts', () => {
    const one = state('clock-synchronized\tno', 'policy-json\t/etc/nova/policy.json');
    expect(
      said([one, { ...one, host: 'ctl2' }, { ...state('disk\t/usr\t1048576'), host: 'cmp1' }]),
    ).toEqual([
      'warn ctl1 ctl2 cmp1: no clock service runs (chrony, ntpsec or systemd-timesyncd)',
      'warn ctl1 ctl2: has policies in JSON, which oslo.policy no longer reads from 2026.1 on and Debian packages move away: /etc/nova/policy.json',
      'warn cmp1: has 1.0 GiB free on /usr; an upgrade of all packages takes up to 3 GiB',
    ]);
  });

  it('is named up to five times, and then counted', () => {
    const holds = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `hold\t${name}`);
    expect(said([state('clock-unit\tntpd', ...holds.slice(0, 5))])).toEqual([
      'warn ctl1: has packages on hold, which apt will not upgrade: a, b, c, d, e',
    ]);
    expect(said([state('clock-unit\tntpd', ...holds)])).toEqual([
      'warn ctl1: has packages on hold, which apt will not upgrade: a, b, c, d, e and 2 more',
    ]);
  });

  it('is a libvirt below the floor of a later release', () => {
    const virt = state('clock-unit\tntpd', 'virt\tlibvirt\t7.10.0', 'virt\tQEMU\t99.0');
    expect(said([virt])).toEqual([
      'note ctl1: libvirt 7.10.0 is too old for nova-compute from Epoxy on, which wants 8.0.0',
    ]);
  });

  it('names units that run replaced files, each once', () => {
    const stale = state('clock-unit\tntpd', 'stale\tnova-api', 'stale\tnova-api', 'stale\tcron');
    expect(said([stale])).toEqual([
      'bad ctl1: still run files that a package has replaced: nova-api, cron',
    ]);
  });

  it('is not guessed where a host could not be asked', () => {
    expect(said([{ check: 'host-state', outputs: [{ exit: 127 }] }])).toEqual([]);
  });
});

describe("what inspection finds in nova's rows", () => {
  const rows = (services: string, cells: string | Partial<CommandOutput>): Answer[] => [
    { check: 'nova-services', host: 'db1', about: 'services', outputs: [services] },
    { check: 'nova-services', host: 'db1', about: 'cells', outputs: [cells] },
  ];
  const cells = '00000000-0000-0000-0000-000000000000\tcell0\t0\nf00\tcell1\t0\n';

  it('is the oldest compute that counts, and who does not report', () => {
    const { findings, facts } = found(
      rows(
        'cmp1\tnova-compute\t64\t4\t0\ncmp2\tnova-compute\t61\t90000\t1\nold\tnova-scheduler\t60\t259200\t0\n',
        cells,
      ),
    );
    expect(facts.computeVersion).toBe(64);
    expect(findings.map(({ what }) => what)).toContain(
      'the compute floor: the oldest nova-compute reports service version 64 (Zed), and nova from Bobcat on wants 66 at least (64 < 66), and 72 from Hibiscus on',
    );
    expect(findings.map(({ what }) => what)).toContain(
      'nova has rows of services that do not report: nova-compute on cmp2 (25 h), nova-scheduler on old (3 days)',
    );
  });

  it('is no warning where only a hop after the next one refuses a compute', () => {
    const one = rows('cmp1\tnova-compute\t64\t4\t0\n', cells);

    expect(said(one, ['zed']).join()).toContain('note : the compute floor');
    expect(said(one, ['antelope']).join()).toContain('warn : the compute floor');
  });

  it('is a cell0 that is not mapped, where the release has cells', () => {
    const without = rows('', 'f00\tcell1\t0\n');
    expect(said(without).join()).toContain('nova has no mapping of cell0');
    expect(said(without, ['juno']).join()).not.toContain('cell0');
    expect(said(rows('', { exit: 1 })).join()).not.toContain('cell');
  });
});

describe('what inspection finds in what is served', () => {
  it('is how the dashboard will break, and that it is broken already', () => {
    const page = ['ssl-site\tyes', 'debian-wsgi\tyes', 'sheet\t/static/a.css\t404'].join('\n');
    expect(
      said([{ check: 'dashboard', outputs: [page] }]).map((line) => line.slice(0, 70)),
    ).toEqual([
      'bad ctl1: the dashboard will break: every configure of its Debian pack',
      "bad ctl1: the dashboard will break: Epoxy's Python libraries work in A",
      'warn ctl1: 1 style sheets of the login page do not load now already: /',
    ]);
    const well = ['ssl-site\tyes', 'ssl-module\tyes', 'debian-wsgi\tyes', 'global-group\tyes'];
    expect(said([{ check: 'dashboard', outputs: [well.join('\n')] }])).toEqual([]);
  });

  it('is a certificate that ended, ends soon, or is none', () => {
    const list = [
      'certificate\t/etc/ssl/old.pem\tDec 22 00:00:00 2025 GMT',
      'certificate\t/etc/ssl/soon.pem\tJan 11 00:00:00 2026 GMT',
      'certificate\t/etc/ssl/fine.pem\tJan  1 00:00:00 2027 GMT',
      'certificate\t/etc/ssl/empty.pem\t',
    ].join('\n');
    expect(said([{ check: 'certificates', host: 'lb1', outputs: [list] }])).toEqual([
      'bad lb1: the certificate /etc/ssl/old.pem ended 10 days ago',
      'warn lb1: the certificate /etc/ssl/soon.pem ends in 10 days',
      'warn lb1: /etc/ssl/empty.pem is named as a certificate and cannot be read as one',
    ]);
  });
});

describe('what inspection finds in live configuration', () => {
  it('is an option that a later release changes, and not one that an earlier one did', () => {
    const rule = knowledge.options.find(
      ({ since, change }) => since === 'liberty' && change !== 'keep',
    );
    if (rule === undefined) throw new Error('no rule to try');
    const line = `option\t/etc/${rule.service}/${rule.file}\t${rule.section}\t${rule.option}`;
    const answer = [{ check: 'config-options', outputs: [line, ''] }];
    expect(said(answer, ['kilo']).join()).toContain(`[${rule.section}] ${rule.option}`);
    expect(said(answer, ['liberty'])).toEqual([]);
    expect(said(answer, ['liberty', 'kilo'])).toEqual([]);
  });

  const filters = (value: string) => [
    {
      check: 'config-options',
      outputs: [`option\t/etc/nova/nova.conf\tfilter_scheduler\tenabled_filters\t${value}\n`, ''],
    },
  ];

  it('38-scheduler-filter-is-gone: is a value that names what a later release has not got', () => {
    const named = filters('ComputeFilter, AvailabilityZoneFilter');

    expect(said(named, ['antelope']).join()).toMatch(
      /warn ctl1: \[filter_scheduler\] enabled_filters in \/etc\/nova\/nova.conf names AvailabilityZoneFilter, which is gone in Bobcat/,
    );
    expect(said(named, ['bobcat'])).toEqual([]);
    expect(said(filters('ComputeFilter'), ['antelope'])).toEqual([]);
  });

  it('is no warning where only a hop after the next one changes it', () => {
    const named = filters('nova.scheduler.filters.availability_zone_filter.AvailabilityZoneFilter');

    expect(said(named, ['xena']).join()).toContain('note ctl1: [filter_scheduler]');
    // Yoga and 2024.1: a SLURP hop passes over two releases.
    expect(said(named, ['antelope']).join()).toContain('warn ctl1: [filter_scheduler]');
  });

  it('is found in any section where an option stands in sections that people name', () => {
    const line =
      'option\t/etc/cinder/cinder.conf\tnimble-1\tvolume_driver\tcinder.volume.drivers.nimble.NimbleISCSIDriver';

    expect(said([{ check: 'config-options', outputs: [line, ''] }], ['xena']).join()).toContain(
      '[nimble-1] volume_driver in /etc/cinder/cinder.conf names cinder.volume.drivers.nimble.NimbleISCSIDriver',
    );
  });

  it('is what the installed release itself does not know, file by file', () => {
    const unknown = 'unknown\t/etc/keystone/keystone.conf\tDEFAULT/nonsense\n';
    expect(said([{ check: 'config-options', outputs: ['', unknown] }])).toEqual([
      'note ctl1: /etc/keystone/keystone.conf sets options that the installed release does not know: DEFAULT/nonsense',
    ]);
  });
});

describe('what inspection counts before a later release refuses it', () => {
  const gate = knowledge.gates.find(
    ({ hops, rows, service }) => 'into' in hops && rows?.database === 'nova' && service === 'nova',
  );
  const counting = (stdout: string, exit = 0): Answer[] => [
    { check: 'gates', host: 'db1', about: gate?.id ?? '', outputs: [{ stdout, exit }] },
  ];

  it('is named with the release that refuses it, and only while that lies ahead', () => {
    const { findings, facts } = found(counting('3\n'), ['queens']);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.what).toContain(`3 ${gate?.rows?.what ?? ''}`);
    expect(facts.blocked).toEqual({ [gate?.id ?? '']: 3 });
    expect(said(counting('3\n'), ['gazpacho'])).toEqual([]);
  });

  it('is nothing where there are no rows, or no such table', () => {
    expect(said(counting('0\n'), ['queens'])).toEqual([]);
    expect(said(counting('', 1), ['queens'])).toEqual([]);
  });
});

describe('what inspection finds about the login to the database', () => {
  const login = (tls: string, says: string): Answer[] => [
    { check: 'database-login', host: 'db1', about: 'server', outputs: [`tls\t${tls}\n`] },
    { check: 'database-login', about: 'client', outputs: [`option-file\t/root/my.cnf\t${says}\n`] },
  ];

  it('is a server without TLS that newer clients refuse, unless they are told', () => {
    expect(said(login('DISABLED', 'no'))).toEqual([
      'warn ctl1: the database server offers no TLS, and the clients of MariaDB 11.4 and later (trixie has 11.8) refuse such a server',
    ]);
    expect(said(login('DISABLED', 'yes'))).toEqual([]);
    expect(said(login('YES', 'no'))).toEqual([]);
  });
});
