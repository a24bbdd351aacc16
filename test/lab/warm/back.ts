import type { RealLab } from '../lab.ts';
import { type LabPart, type PartStage, areSameLists, lineDifferences } from '../part.ts';
import { dumpedLines, labPackages, labSources } from '../truth.ts';
import { isCardOver, rollBack } from '../upgrade.ts';
import { serves, survivors } from './hop.ts';
import { driveOn, handOfPerson, rememberServers } from './people.ts';
import { foundMajors, warmDatabases, warmFailedUnits, warmHosts, warmMajors } from './truth.ts';

/** `ctl1 nova-api 2:33.0.2-1` and `ctl1 deb http://repo.lab/debian forky main`, of all hosts that a hop changes. */
async function packagesAndSources(lab: RealLab): Promise<string[]> {
  const found = await Promise.all(
    warmHosts.map(async (host) => {
      const sources = await labSources(lab, host);
      const lines = sources.split('\n').filter((line) => line !== '');
      return [...(await labPackages(lab, host)), ...lines].map((line) => `${host} ${line}`);
    }),
  );
  return found.flat();
}

interface Back {
  readonly id: string;
  readonly title: string;
  /** On the card: here it goes back. */
  readonly isThere: RegExp;
  /** Done once, when the card says so (after the first host's snapshot): what has the run stop there. */
  readonly fault?: readonly [on: RegExp, host: string, script: string];
}

const backFrom = ({ id, title, isThere, fault }: Back): LabPart => ({
  id,
  title,
  from: 'fresh',
  play: async (stage: PartStage) => {
    const { lab, world, expect, note } = stage;
    let isBroken = false;
    await rememberServers(lab, survivors);
    const start = await packagesAndSources(lab);
    const databases: { dumped?: readonly string[]; back?: readonly string[] } = {};
    const run = await world.startRun('start lab 2026.2');
    // The old release serves while the dump is made, and what is written after it is lost, as the approval says. The first host
    // is the last to be restored, and nothing serves the cloud's users by then.
    const byHand = async (text: string): Promise<string> => {
      if (/undoing/.test(text)) databases.back = await dumpedLines(lab, warmDatabases);
      return handOfPerson(lab, run, text);
    };
    const there = await driveOn(
      stage,
      run,
      {
        byHand,
        deadlineMs: 60 * 60_000,
        watch: async (text) => {
          if (databases.dumped === undefined && /back up .* prove it by a restore/.test(text))
            databases.dumped = await dumpedLines(lab, warmDatabases);
          if (isBroken || fault?.[0].test(text) !== true) return;
          isBroken = true;
          await lab.sh(fault[1], fault[2]);
        },
      },
      (text) => isThere.test(text) || isCardOver(text),
    );
    await rollBack(stage, run, { from: there.message, byHand });
    const apart = lineDifferences(start, await packagesAndSources(lab));
    expect('packages and sources of all hosts are those of the start', apart.length === 0, apart);
    note('packages and sources compared', start.length);
    const { dumped = [], back = [] } = databases;
    const rows = lineDifferences(dumped, back).map((line) => line.slice(0, 400));
    note('rows of databases compared', dumped.length);
    expect(
      'so is each row of all databases, from the moment of the dump to that of the first host coming back',
      dumped.length > 0 && back.length > 0 && rows.length === 0,
      rows,
    );
    const majors = await foundMajors(lab);
    expect('every service is of 2026.1', areSameLists(majors, warmMajors('old')), majors);
    await serves(stage);
    const failed = await warmFailedUnits(lab);
    expect('no unit of systemd has failed', failed.length === 0, failed);
  },
});

export const backParts: readonly LabPart[] = [
  backFrom({
    id: 'back-change',
    title: 'Back from the middle of the change over, with programs of both releases serving',
    isThere: /Failed: .*start placement-api/,
    fault: [/\bstep (3[3-9]|4\d) of /i, 'ctl1', 'systemctl mask placement-api'],
  }),
  backFrom({
    id: 'back-first',
    title: 'Back from after the first control host, before the second is touched',
    isThere: /each of: ctl2\./,
  }),
  backFrom({
    id: 'back-control',
    title: 'Back from between the control hosts and the network host',
    isThere: /each of: net1\./,
  }),
];
