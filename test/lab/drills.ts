import { isDeepStrictEqual } from 'node:util';
import type { RealLab } from './lab.ts';
import { type LabPart, type PartStage, lineDifferences } from './part.ts';
import {
  bootServer,
  deleteServer,
  downServices,
  dumpedLines,
  labMajors,
  labPackages,
  labSchemas,
  labSources,
  serverStatus,
  labPageStatus,
  zedHeads,
  zedMajors,
} from './truth.ts';
import { handOfPerson, isCardOver, isCardStuck, rollBack } from './upgrade.ts';

/** What has to be as before once all is rolled back. */
interface Start {
  readonly packages: readonly string[];
  readonly sources: string;
  readonly sums: readonly string[];
}

async function startOf(lab: RealLab): Promise<Start> {
  const [ctl1, cmp1, sources, sums] = await Promise.all([
    labPackages(lab, 'ctl1'),
    labPackages(lab, 'cmp1'),
    labSources(lab, 'ctl1'),
    dumpedLines(lab),
  ]);
  return {
    packages: [...ctl1.map((one) => `ctl1 ${one}`), ...cmp1.map((one) => `cmp1 ${one}`)],
    sources,
    sums,
  };
}

async function isBack(
  { lab, expect, note }: PartStage,
  start: Start,
  stopped: Readonly<Record<'there' | 'back', readonly string[]>>,
): Promise<void> {
  const end = await startOf(lab);
  const packages = lineDifferences(start.packages, end.packages);
  expect('the packages of ctl1 and cmp1 are those of the start', packages.length === 0, packages);
  expect('so are their sources', start.sources === end.sources, end.sources);
  // Where all services had been stopped, their start on rollback writes anew; what they found is compared.
  const sums =
    stopped.there.length === 0
      ? lineDifferences(start.sums, end.sums)
      : lineDifferences(stopped.there, stopped.back);
  expect('so is the content of all databases', sums.length === 0, sums);
  expect("every schema is at Zed's head", isDeepStrictEqual(await labSchemas(lab), zedHeads));
  expect("every service is of Zed's version", isDeepStrictEqual(await labMajors(lab), zedMajors));
  const down = await downServices(lab);
  expect('every compute service is up', down.length === 0, down);
  const port = await labPageStatus(lab, 'http://api.lab:5000/v3');
  expect("keystone's public port serves", port === '200', port);
  const survivor = await serverStatus(lab, 'vm1');
  expect('vm1 is ACTIVE', survivor === 'ACTIVE', survivor);
  const fresh = await bootServer(lab, 'back');
  expect('a new server goes ACTIVE', fresh === 'ACTIVE', fresh);
  await deleteServer(lab, 'back');
  note('packages compared', start.packages.length);
}

interface Fault {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  /** What makes a step fail, before the run begins. */
  readonly before?: (lab: RealLab) => Promise<void>;
  /** Something done once, when the card says so. */
  readonly during?: { readonly when: RegExp; readonly act: (lab: RealLab) => Promise<void> };
  /** What is taken back before the rollback begins. */
  readonly after?: (lab: RealLab) => Promise<void>;
  /** What approvers have to read before it begins. */
  readonly beforehand?: RegExp;
  /** What the failure card has to say. */
  readonly says?: RegExp;
}

/** Starts an upgrade, lets it fail, or end, and rolls it back from the card. */
const drillPart = ({
  id,
  title,
  words,
  before,
  during,
  after,
  beforehand,
  says,
}: Fault): LabPart => ({
  id,
  title,
  from: 'zed',
  play: async (stage) => {
    const { lab, world, expect } = stage;
    await before?.(lab);
    const start = await startOf(lab);
    const snapshot = `${id}-${Date.now()}`;
    let isDone = false;
    const asked: string[] = [];
    const stopped = { there: [] as string[], back: [] as string[] };
    // People are asked when nothing runs that writes: before the dump, and once it is loaded again.
    const byHand = async (text: string): Promise<string> => {
      stopped[/undoing/.test(text) ? 'back' : 'there'] = await dumpedLines(lab);
      return handOfPerson(lab, text, snapshot);
    };
    const run = await world.startRun(words);
    const there = await world.drive(run, {
      until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
      byHand,
      watch: async (text) => {
        if (isDone || during === undefined || !during.when.test(text)) return;
        isDone = true;
        await during.act(lab);
      },
      onApproval: (text) => void asked.push(text),
    });
    if (beforehand !== undefined)
      expect(`approvers read ${String(beforehand)}`, beforehand.test(asked[0] ?? ''), asked);
    if (says === undefined) expect('the run went to its end', isCardOver(there.card), there.card);
    else expect(`the card says ${String(says)}`, says.test(there.card), there.card);
    await after?.(lab);
    await rollBack(stage, run, byHand);
    await isBack(stage, start, stopped);
  },
});

const reason = 'a drill on the lab';

export const drillParts: readonly LabPart[] = [
  drillPart({
    id: 'half-sync',
    title: "Back from keystone's schema sync, which failed partway",
    words: `start lab epoxy only keystone --unsupported ${reason}`,
    before: async (lab) => {
      await lab.exec('db1', 'mysql', 'keystone', '-e', interrupted);
    },
    says: /1060|Duplicate column/,
  }),
  drillPart({
    id: 'packages-alone',
    title: 'Back from after the packages of one service',
    words: `start lab epoxy only keystone --unsupported ${reason}`,
    before: async (lab) => {
      await lab.sh('db1', 'mkdir -p /var/backups/hopscotch');
      await lab.fault('disk-full', 'db1', '/var/backups/hopscotch', '4k');
      await lab.exec('db1', 'chmod', '700', '/var/backups/hopscotch');
    },
    after: (lab) => lab.fault('disk-ok', 'db1', '/var/backups/hopscotch'),
    says: /What it is {2}The disk is full/,
  }),
  drillPart({
    id: 'keystone-alone',
    title: 'Back from after keystone alone, which went well',
    words: `start lab epoxy only keystone --unsupported ${reason}`,
  }),
  drillPart({
    id: 'all-but-balancer',
    title: 'Back from after everything but the balancer, whole hosts by snapshot',
    words: `start lab epoxy --unsupported ${reason}`,
    during: {
      when: /horizon|dashboard/i,
      act: async (lab) => {
        await lab.exec('lb1', 'mv', socket, `${socket}.off`);
      },
    },
    after: async (lab) => {
      await lab.exec('lb1', 'mv', `${socket}.off`, socket);
    },
    beforehand: /the snapshots of whole hosts[^]*which a person restores/,
    says: /admin\.sock|keystone_public/i,
  }),
];

// The second expand migration adds this column, and MariaDB does not take back what came before it.
const interrupted = 'ALTER TABLE mapping ADD COLUMN schema_version VARCHAR(5)';
const socket = '/run/haproxy/admin.sock';
