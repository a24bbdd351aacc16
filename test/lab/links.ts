import { setTimeout as sleep } from 'node:timers/promises';
import type { RealLab } from './lab.ts';
import type { LabPart } from './part.ts';
import { handOfPerson, isCardOver, isCardStuck, looksLikeEpoxy } from './upgrade.ts';

/** A fault, what of the card says that its time has come, and how long it lasts. */
interface Cut {
  readonly name: string;
  readonly when: RegExp;
  readonly afterMs: number;
  readonly lastsMs: number;
  readonly host: string;
  readonly begin: string;
  readonly end: string;
}

const cuts: readonly Cut[] = [
  {
    name: 'sshd and all its sessions killed during apt-get full-upgrade on ctl1',
    when: /full-upgrade/i,
    afterMs: 25_000,
    lastsMs: 15_000,
    host: 'ctl1',
    begin: 'ssh-cut',
    end: 'ssh-back',
  },
  {
    name: 'the cable of cmp1 pulled during apt-get full-upgrade',
    when: /full-upgrade/i,
    afterMs: 50_000,
    lastsMs: 30_000,
    host: 'cmp1',
    begin: 'net-down',
    end: 'net-up',
  },
  {
    name: 'ctl1 frozen during nova-manage db sync',
    when: /nova-manage db sync/i,
    afterMs: 1500,
    lastsMs: 20_000,
    host: 'ctl1',
    begin: 'hang',
    end: 'unhang',
  },
];

/** How often a program was started on a host since the part began: apt's history, and what nova says of itself. */
async function starts(lab: RealLab): Promise<Record<string, string>> {
  const upgrades = async (host: string): Promise<string> =>
    (
      await lab.sh(host, "grep -hc '^Commandline:.*full-upgrade' /var/log/apt/history.log || true")
    ).trim();
  return {
    'full-upgrade on ctl1': await upgrades('ctl1'),
    'full-upgrade on cmp1': await upgrades('cmp1'),
  };
}

export const linksPart: LabPart = {
  id: 'links',
  title: 'The link is cut in the middle of apt-get and of a schema sync; each ran once',
  from: 'zed',
  play: async (stage) => {
    const { lab, world, expect, note, say } = stage;
    const before = await starts(lab);
    const snapshot = `links-${Date.now()}`;
    const left = new Set(cuts);
    const going: Promise<void>[] = [];
    const run = await world.startRun('start lab epoxy --unsupported cutting links on the lab');
    const { card } = await world.drive(run, {
      until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
      byHand: (text) => handOfPerson(lab, text, snapshot),
      watch: (text) => {
        for (const cut of left) {
          if (!cut.when.test(text)) continue;
          left.delete(cut);
          going.push(
            (async () => {
              await sleep(cut.afterMs);
              say(`  … ${cut.name}`);
              await lab.fault(cut.begin, cut.host);
              await sleep(cut.lastsMs);
              await lab.fault(cut.end, cut.host);
            })(),
          );
        }
      },
    });
    await Promise.all(going);
    expect(
      'each link was cut',
      left.size === 0,
      [...left].map(({ name }) => name),
    );
    expect('the run went to its end all the same', isCardOver(card), card);
    for (const [what, count] of Object.entries(await starts(lab)))
      expect(`${what} was started once`, Number(count) - Number(before[what]) === 1, count);
    const thread = await world.thread(run);
    const attached = thread.match(/re-attached/gi)?.length ?? 0;
    note('times re-attached', attached);
    expect('the thread says that it re-attached', attached > 0);
    await looksLikeEpoxy(stage);
  },
};
