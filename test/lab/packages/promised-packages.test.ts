import { describe, expect, it } from '@jest/globals';
import { dpkgMoves, moveDifferences, promisedMoves } from './promised-packages.ts';

const approval = `### 1. Epoxy: ask apt what its full-upgrade will bring

\`epoxy-forecast\` · package-forecast · on ctl1, cmp1 · reversible

It runs nothing that changes the host.

    libc6: 2.36-9 -> 2.41-12
    python3-six: 1.16.0-4 -> removed
    on cmp1: nova-compute: 3:29.2.0-1 -> 3:31.0.0-6
    on ctl1: nova-api: 3:29.2.0-1 -> 3:31.0.0-6
    on ctl1: python3-new: not installed -> 1

### 2. Epoxy: stop nova-api

\`stop\` · service · on ctl1 · reversible

    other: 1 -> 2
`;

const log = `2026-12-01 02:00:00 startup archives unpack
2026-12-01 02:00:01 upgrade libc6:amd64 2.36-9 2.41-12
2026-12-01 02:00:01 status half-configured libc6:amd64 2.36-9
2026-12-01 02:00:02 remove python3-six:all 1.16.0-4 <none>
2026-12-01 02:00:03 install python3-new:all <none> 1
2026-12-01 02:00:04 upgrade nova-api:all 3:29.2.0-1 3:31.0.0-5
2026-12-01 02:00:05 configure nova-api:all 3:31.0.0-5 <none>
2026-12-01 02:00:06 upgrade nova-api:all 3:31.0.0-5 3:31.0.0-6
2026-12-01 02:00:07 install passing:all <none> 1
2026-12-01 02:00:08 purge passing:all 1 <none>
`;

describe("packages of an approval beside dpkg's log", () => {
  it('are the same where all went as promised', () => {
    expect(moveDifferences(promisedMoves(approval, 'ctl1'), dpkgMoves(log))).toEqual([]);
    expect(promisedMoves(approval, 'cmp1').get('nova-compute')).toBe('3:29.2.0-1 -> 3:31.0.0-6');
    expect(promisedMoves(approval, 'db1').size).toBe(0);
  });

  it('differ by each package that went elsewhere', () => {
    expect(
      moveDifferences(
        promisedMoves(approval, 'ctl1'),
        dpkgMoves(log.replace('3:31.0.0-6', '3:32.0.0-1').replace(/.*python3-six.*\n/, '')),
      ),
    ).toEqual([
      "nova-api: promised 3:29.2.0-1 -> 3:31.0.0-6, dpkg's log says 3:29.2.0-1 -> 3:32.0.0-1",
      "python3-six: promised 1.16.0-4 -> removed, dpkg's log says nothing",
    ]);
  });
});
