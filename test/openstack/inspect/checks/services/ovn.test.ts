import { describe, expect, it } from '@jest/globals';
import type { CheckAnswer } from '../../../../../openstack/inspect/checks/check.ts';
import { ovnCheck } from '../../../../../openstack/inspect/checks/services/ovn.ts';
import { largeCloud } from '../../../clouds-today.ts';
import { contextOn } from '../context.ts';

const context = contextOn(largeCloud('caracal', 'noble', 3), 'caracal');

const said = (answers: readonly CheckAnswer[]): string[] =>
  (ovnCheck.read(answers, context).findings ?? []).map(
    ({ level, host = '', what }) => `${level} ${host}: ${what}`,
  );

describe('what inspection finds about OVN', () => {
  const ovn = (host: string, ...lines: string[]): CheckAnswer => ({
    host,
    outputs: [{ exit: 0, stdout: lines.join('\n'), stderr: '' }],
  });
  const central = (version: string, role = 'leader', status = 'cluster member') =>
    ovn('ctl1', `ovn-central\t${version}`, `database\tOVN_Northbound\t${role}\t${status}`);
  const onHost = (version: string, match: string, status = 'connected') =>
    ovn('ctl1', `ovn-host\t${version}`, `controller\t${status}`, `match\t${match}`);

  it('is nothing where all is of one version, connected and waits for its northd', () => {
    expect(said([central('24.03.2-0ubuntu1'), onHost('24.03.2-0ubuntu1', 'true')])).toEqual([]);
  });

  it('is a database that is down or out of its cluster, and a controller that lost it', () => {
    expect(
      said([
        central('24.03.2', 'follower', 'left cluster'),
        ovn('ctl1', 'database\tOVN_Southbound\t\t'),
        onHost('24.03.2', 'true', 'not connected'),
      ]),
    ).toEqual([
      "bad ctl1: OVN's OVN_Northbound is no member of its cluster: left cluster",
      "bad ctl1: OVN's OVN_Southbound does not answer",
      'bad ctl1: ovn-controller is not connected to the southbound database: not connected',
    ]);
  });

  it('is that versions differ, and that flows may change between central part and hosts', () => {
    expect(said([central('24.03.2'), onHost('22.03.3', '')])).toEqual([
      'warn : OVN is of several versions: ovn-host 22.03.3, ovn-central 24.03.2',
      'note ctl1: ovn-controller does not wait for an ovn-northd of its version (ovn-match-northd-version)',
    ]);
  });

  it('is nothing without OVN', () => {
    expect(said([ovn('ctl1', '')])).toEqual([]);
  });

  it('is asked of every host, by commands that change nothing', () => {
    const asked = ovnCheck.ask(context);

    expect(asked.map(({ host }) => host)).toEqual(Object.keys(context.cloud.hosts));
    expect(JSON.stringify(asked)).not.toMatch(/\b(?:set|restart|stop|remove)\b/);
  });
});
