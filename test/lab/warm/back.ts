import { type LabPart, type PartStage, areSameLists, lineDifferences } from '../part.ts';
import { dumpedLines } from '../truth.ts';
import { isCardOver, rollBack } from '../upgrade.ts';
import { serves, survivors } from './hop.ts';
import { filesOf, type KeptMoment, snapshotOf, type StartOfHop, startOfHop } from './kept.ts';
import { askedByHand, driveOn, handOfPerson, rememberServers } from './people.ts';
import {
  foundMajors,
  packagesAndSources,
  rowsAtDump,
  warmDatabases,
  warmFailedUnits,
  warmMajors,
} from './truth.ts';

/** Rolls the run back, and compares with what was. */
async function goBack(stage: PartStage, { run, packages, dumped }: StartOfHop): Promise<void> {
  const { lab, expect, note } = stage;
  let back: readonly string[] = [];
  await rollBack(stage, run, async (text) => {
    // The first control host is the last to be restored, and nothing serves the cloud's users by then.
    if (askedByHand(text).hosts.includes('ctl1')) back = await dumpedLines(lab, warmDatabases);
    return handOfPerson(lab, run, text);
  });
  const apart = lineDifferences(packages, await packagesAndSources(lab));
  expect('packages and sources of all hosts are those of the start', apart.length === 0, apart);
  note('packages and sources compared', packages.length);
  // The old release serves while the dump is made, and what is written after it is lost, as the approval says.
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
}

const backFrom = (id: string, moment: KeptMoment, title: string): LabPart => ({
  id,
  title,
  from: snapshotOf(moment),
  files: filesOf(moment),
  play: async (stage) => goBack(stage, await startOfHop(stage.world)),
});

const backChange: LabPart = {
  id: 'back-change',
  title: 'Back from the middle of the change over, with programs of both releases serving',
  from: 'fresh',
  play: async (stage) => {
    const { lab, world } = stage;
    let isBroken = false;
    await rememberServers(lab, survivors);
    const packages = await packagesAndSources(lab);
    const run = await world.startRun('start lab 2026.2');
    const dumped = rowsAtDump(lab);
    await driveOn(
      stage,
      run,
      {
        byHand: (text) => handOfPerson(lab, run, text),
        deadlineMs: 60 * 60_000,
        watch: async (text) => {
          await dumped.watch(text);
          // After the first host's snapshot.
          if (isBroken || !/\bstep (3[3-9]|4\d) of /i.test(text)) return;
          isBroken = true;
          await lab.sh('ctl1', 'systemctl mask placement-api');
        },
      },
      (text) => /Failed: .*start placement-api/.test(text) || isCardOver(text),
    );
    await goBack(stage, { run, packages, dumped: dumped.rows() });
  },
};

/** Where `hop` has been: each begins from the hosts and the product's files of that moment. */
export const backParts: readonly LabPart[] = [
  backChange,
  backFrom(
    'back-first',
    'first-control',
    'Back from after the first control host, before the second is changed',
  ),
  backFrom('back-second', 'second-control', 'Back from after the second control host'),
  backFrom('back-control', 'network', 'Back from between the control hosts and the network host'),
  backFrom('back-zone', 'mid-zone', 'Back from the middle of a zone'),
  backFrom('back-end', 'end', 'Back from the end of the hop'),
];
