import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RealLab } from './lab.ts';
import { type LabPart, type PartStage, areSameLists } from './part.ts';
import { dpkgLogSizes, movedAsPromised } from './packages/promised-packages.ts';
import {
  bootServer,
  deleteServer,
  downServices,
  epoxyHeads,
  epoxyMajors,
  failedUnits,
  labMajors,
  labSchemas,
  serverStatus,
  labPageStatus,
  styleSheets,
} from './truth.ts';
import type { LabDrive } from './world.ts';

export const inspectPart: LabPart = {
  id: 'inspect',
  title: 'Inspection names what stands in the way, unasked',
  from: 'zed',
  play: async ({ world, expect, note }) => {
    const begun = Date.now();
    const summary = await world.ask('inspect lab', 'Inspection of lab');
    note('seconds until the answer', Math.round((Date.now() - begun) / 1000));
    await sleep(3000);
    const all = (await world.allText()).join('\n');
    for (const [what, words] of [
      ['the compute floor', '64 < 66'],
      ["the dashboard's known breakage", 'SSLEngine'],
      ["RabbitMQ's forbidden jump", 'the 4.0 of trixie is a forbidden jump'],
      ["nova's head", 'ccb0fa1a2252'],
      ["keystone's heads", '29e87d24a316 e25ffa003242'],
      ["glance's head", 'wallaby_contract01'],
      ["placement's head", '422ece571366'],
      ["nova_api's head", 'b30f573d3377'],
      ["neutron's heads", '5881373af7f5 5c85685d616d'],
    ] as const)
      expect(`it names ${what}: ${words}`, all.includes(words), summary);
  },
};

export const refusedPart: LabPart = {
  id: 'refused',
  title: 'The straight jump is refused, with the supported upgrade path',
  from: 'zed',
  play: async ({ world, expect }) => {
    const answer = await world.ask('plan lab epoxy', 'unsupported');
    for (const name of ['Antelope', 'Caracal', 'Epoxy'])
      expect(`the supported upgrade path is named: ${name}`, answer.includes(name), answer);
    const risky = await world.ask('plan lab epoxy --unsupported', 'Rollback');
    for (const [what, words] of [
      ['the upgrade path', 'Upgrade path: Zed on bookworm, Epoxy on trixie'],
      ['the risk', 'OpenStack tests no hop from Zed to Epoxy'],
      ['the gate that it trips, and its workaround', 'disable_compute_service_check_for_ffu'],
      ['how to get out', 'a person restores whole hosts from snapshots: ctl1, cmp1'],
      ['who is asked', '2 approvals'],
    ] as const)
      expect(`with --unsupported it is planned, and says ${what}`, risky.includes(words), risky);
  },
};

/** Takes and restores snapshots of whole hosts, as the run asks a person to. */
export async function handOfPerson(lab: RealLab, card: string, name: string): Promise<string> {
  if (/restore/i.test(card)) {
    await lab.restore(name, 'ctl1', 'cmp1');
    return `restored ${name}`;
  }
  if (!(await lab.snaps()).includes(name)) await lab.snap(name, 'ctl1', 'cmp1');
  return name;
}

export const isCardOver = (card: string): boolean => /^Succeeded/m.test(card);
export const isCardStuck = (_card: string, buttons: readonly string[]): boolean =>
  buttons.includes('run.retry');

/** ben asks for the rollback of a run; it is followed until it is over, or stuck. */
export async function rollBack(
  { world, expect, note, say }: PartStage,
  run: string,
  byHand: Required<LabDrive>['byHand'],
): Promise<void> {
  const begun = Date.now();
  const answers: (string | undefined)[] = [];
  let pressedAt = 0;
  const press = async (): Promise<void> => {
    pressedAt = Date.now();
    answers.push(await world.hear(`rollback ${run}`, 'ben'));
    say(answers.at(-1) ?? 'ben hears nothing');
  };
  await press();
  let isUnderWay = false;
  const { card } = await world.drive(run, {
    until: (text, buttons) =>
      /^Rolled back/m.test(text) || (isUnderWay && isCardStuck(text, buttons)),
    // What the run waited for before is left undone.
    byHand: async (text) => (/undoing/.test(text) ? byHand(text) : undefined),
    // Until the press has arrived, the card is that of the failure.
    watch: async (text) => {
      isUnderWay ||= /undoing/.test(text);
      if (isUnderWay || Date.now() - pressedAt < patienceMs) return;
      say(text);
      await press();
    },
  });
  note('seconds of the rollback', Math.round((Date.now() - begun) / 1000));
  const isHeard = answers.length === 1 && answers[0] !== undefined;
  expect('it is asked for once, and that is answered', isHeard, answers);
  expect('the rollback came to its end', /^Rolled back/m.test(card), card);
}

/** A second person confirms, and hosts are asked what they know: then it is under way, on a busy machine too. */
const patienceMs = 180_000;

export const upgradePart: LabPart = {
  id: 'upgrade',
  title: 'Zed to Epoxy, from Slack, to the end',
  from: 'zed',
  play: async (stage) => {
    const { lab, world, expect, note } = stage;
    const snapshot = `run-${Date.now()}`;
    const ports: string[] = [];
    let isWatching = true;
    const watching = watch(lab, ports, () => isWatching);
    const logs = await dpkgLogSizes(lab, ['ctl1', 'cmp1']);
    const begun = Date.now();
    const run = await world.startRun(
      'start lab epoxy --unsupported rehearsal of the jump on the lab',
    );
    const { card, approvals } = await world.drive(run, {
      until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
      byHand: (text) => handOfPerson(lab, text, snapshot),
    });
    isWatching = false;
    await watching;
    note('seconds of the whole run', Math.round((Date.now() - begun) / 1000));
    note('approvals', approvals);
    expect('the run went to its end', isCardOver(card), card);
    expect(
      "keystone's public port served nothing while it was drained",
      ports.includes('503') &&
        !ports.slice(ports.indexOf('503'), ports.lastIndexOf('503')).includes('200'),
      ports.join(' '),
    );
    await movedAsPromised(stage, logs);
    await looksLikeEpoxy(stage);
    const thread = await world.thread(run);
    const stages = thread.match(/^✓ \d+(?:–\d+)? {2}/gm)?.length ?? 0;
    expect(
      'the thread tells each stage, and is done with all of them',
      stages > 5 && stages <= 30 && !/^▸ /m.test(thread),
      thread.slice(-2000),
    );
    note('stages in the thread', stages);
  },
};

async function watch(lab: RealLab, ports: string[], goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    const status = await lab
      .sh('lb1', "curl -s -m 3 -o /dev/null -w '%{http_code}' http://127.0.0.1:5000/v3 || true")
      .catch(() => '000');
    if (ports.at(-1) !== status.trim()) ports.push(status.trim());
    await sleep(1000);
  }
}

/** What a user of the cloud sees, and what its hosts and databases say. */
export async function looksLikeEpoxy({ lab, expect, note }: PartStage): Promise<void> {
  const majors = await labMajors(lab);
  expect("every service is of Epoxy's version", isDeepStrictEqual(majors, epoxyMajors), majors);
  const heads = await labSchemas(lab);
  expect("every schema is at Epoxy's head", areSameLists(heads, epoxyHeads), heads);
  const down = await downServices(lab);
  expect('every compute service is up', down.length === 0, down);
  const survivor = await serverStatus(lab, 'vm1');
  expect('vm1, made before, is ACTIVE', survivor === 'ACTIVE', survivor);
  const begun = Date.now();
  const fresh = await bootServer(lab, 'after');
  expect('a new server goes ACTIVE', fresh === 'ACTIVE', fresh);
  note('seconds until a new server is ACTIVE', Math.round((Date.now() - begun) / 1000));
  await deleteServer(lab, 'after');
  const sheets = await styleSheets(lab);
  expect(
    'each style sheet of the dashboard answers 200',
    sheets.length > 0 && sheets.every((sheet) => sheet.endsWith(' 200')),
    sheets,
  );
  const port = await labPageStatus(lab, 'http://api.lab:5000/v3');
  expect("keystone's public port serves again", port === '200', port);
  const failed = await failedUnits(lab);
  expect('no unit of systemd has failed', failed.length === 0, failed);
  const policy = await lab.sh('ctl1', 'ls /usr/sbin/policy-rc.d 2>/dev/null || true');
  expect('nothing is left that keeps services from starting', policy.trim() === '', policy);
}
