import { describe, expect, it } from '@jest/globals';
import { WebAPIRequestError } from '@slack/web-api';
import type { Press } from '../../../bot/actions/press.ts';
import { openAccessLists } from '../../../bot/desk/access.ts';
import type { CloudDesk } from '../../../bot/desk/desk.ts';
import { answerDoor } from '../../../bot/door/answer-door.ts';
import { performPress } from '../../../bot/desk/perform.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import { rollbackMark } from '../../../jobs/run/rollback/rollback-demand.ts';
import type { ActionName } from '../../../jobs/run/action.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import { type Role, accounts, roles, silent, states } from '../../support/runs/people.ts';
import * as e from '../../support/runs/events.ts';

const me = 'UME';
const at = e.after(600);
const secretTitle = 'Restart nova';

const listings = ['by id', 'by group'] as const;
const paths = ['word', 'button', 'form'] as const;
type Path = (typeof paths)[number] | 'door' | 'door, as an account that no file names';

/** The rule, written once more: who may do what with an account that is fine. */
const mayAct: Readonly<Record<string, (role: Role) => boolean>> = {
  approve: ({ isApprover, started, chose }) => isApprover && started !== true && chose !== true,
  reject: ({ isApprover }) => isApprover,
  ...Object.fromEntries(
    [
      'pause',
      'resume',
      'abort',
      'retry',
      'skip',
      'fix',
      'rollback',
      'confirm',
      'decline',
      'done',
      'ask',
    ].map((name) => [name, ({ isEngineer, isApprover }: Role) => isEngineer || isApprover]),
  ),
  ...Object.fromEntries(
    ['status', 'log', 'log whole', 'watch', 'inspect', 'plan'].map((name) => [
      name,
      ({ isEngineer, isApprover }: Role) => isEngineer || isApprover,
    ]),
  ),
  ...Object.fromEntries(
    ['start', 'heal', 'run'].map((name) => [name, ({ isEngineer }: Role) => isEngineer]),
  ),
  unlock: ({ isApprover }) => isApprover,
};

const plan = e.planOf(e.step('one'), e.step('two', { doer: 'person' }));
const oneWork = e.work('one');
const approved = [e.approvalRequested('one'), e.gateApproved('one', plan, 'UBEN')];
const stuck = [...approved, e.started(oneWork), e.failed(oneWork)];

/** A state in which the action is there to be done. */
function logFor(name: string, { started, chose }: Role): RunEvent[] {
  const first = e.requested(plan, started === true ? me : 'UANN');
  const ready = [first, e.hostReady('ctl1')];
  if (chose === true && (name === 'approve' || name === 'reject'))
    return [
      ...ready,
      ...stuck,
      e.fixTaken(plan, 'one', [e.step('mend-w1', { gate: 1, way: 1 })], me),
      e.approvalRequested('mend-w1'),
    ];
  switch (name) {
    case 'resume':
      return [...ready, e.paused()];
    case 'retry':
    case 'skip':
    case 'fix':
    case 'rollback':
      return [...ready, ...stuck];
    case 'confirm':
    case 'decline': {
      const log = [...ready, ...stuck];
      const mark = rollbackMark(fold(e.inOrder(...log)), 'one');
      return [...log, e.rollbackProposed('one', { by: 'UBEN', mark })];
    }
    case 'done':
      return [
        ...ready,
        ...approved,
        e.started(oneWork),
        e.succeeded(oneWork),
        e.personAsked(e.work('two')),
      ];
    default:
      return [...ready, e.approvalRequested('one')];
  }
}

const lines: Readonly<Record<string, (run: string) => string>> = {
  log: (run) => `log ${run} one`,
  'log whole': (run) => `log ${run} one ctl1 whole`,
  status: (run) => `status ${run}`,
  ask: (run) => `ask ${run}`,
  inspect: () => 'inspect staging',
  plan: () => 'plan staging liberty',
  start: () => 'start staging liberty',
  heal: () => 'heal staging',
  run: () => 'run staging restart',
  unlock: () => 'unlock staging because',
  rollback: (run) => `rollback ${run}`,
  confirm: (run) => `approve ${run}`,
  decline: (run) => `reject ${run} because`,
  fix: (run) => `fix ${run} 1`,
};

interface Attempt {
  readonly name: string;
  readonly path: Path;
  readonly role: Role;
  readonly listing: (typeof listings)[number];
  readonly account: string;
}

/** What came of it: whether anything was done, shown or asked of others. */
async function didAnything({ name, path, role, listing, account }: Attempt): Promise<boolean> {
  const run = fold(e.inOrder(...logFor(name, role)));
  let did = false;
  const doing = async (): Promise<never> => {
    did = true;
    throw new Error('that is enough');
  };
  const asked = desk(run, { role, listing, account }, doing);
  const doingIt = path.startsWith('door')
    ? atDoor(lineOf(run, name), path, asked)
    : performPress(pressOf(run, name, path), asked);
  const message = await doingIt.catch((error: unknown) => {
    if (!did) throw error;
    return { text: '', blocks: [] };
  });
  return did || JSON.stringify(message).includes(secretTitle);
}

/** What the local door says; whoever watches goes at once. */
async function atDoor(line: string, path: Path, asked: CloudDesk): Promise<{ text: string }> {
  const said: string[] = [];
  const account = path === 'door' ? 'me' : 'another';
  const visitor = { account, words: line.split(' '), gone: AbortSignal.abort() };
  await answerDoor({ ...visitor, say: (text) => void said.push(text) }, asked);
  return { text: said.join('\n') };
}

const lineOf = (run: Run, name: string): string =>
  lines[name]?.(run.id) ?? `${name} ${run.id}${needsWords.has(name) ? ' because' : ''}`;

function pressOf(run: Run, name: string, path: Path): Press {
  const common = { id: 'p', at, user: me, channel: 'C0STAGING' };
  const line = lineOf(run, name);
  if (path === 'word') return { ...common, source: 'word', text: line };
  const seen = isAction(name) ? stateMark(run, name) : '';
  return {
    ...common,
    source: path === 'form' ? 'modal' : 'button',
    action: `run.${name}`,
    value: JSON.stringify({
      run: run.id,
      seen,
      ...(name === 'log' && { step: 'one' }),
      ...(name === 'fix' && { choice: 'any.1' }),
    }),
    ...(path === 'form' && { input: 'because' }),
  };
}

/** A button of these only opens the form that asks for the words. */
const needsWords = new Set(['reject', 'skip', 'done']);

const isAction = (name: string): name is ActionName =>
  /^(approve|reject|pause|resume|abort|retry|skip|fix|rollback|confirm|decline|done)$/.test(name);

function desk(
  run: Run,
  { role, listing, account }: Pick<Attempt, 'role' | 'listing' | 'account'>,
  doing: () => Promise<never>,
): CloudDesk {
  const mine = listing === 'by id' ? me : 'SMINE';
  const access = {
    engineers: ['UANN', ...(role.isEngineer ? [mine] : [])],
    approvers: ['UBEN', ...(role.isApprover ? [mine] : [])],
    approvals: { reversible: 1, restorable: 1, oneWay: 1 },
    localUsers: { me, ann: 'UANN' },
  };
  const noAnswer = new WebAPIRequestError(new Error('no answer'));
  const slack = {
    auth: {
      test: async () => ({ ok: true, team_id: 'T1' }),
      teams: { list: async () => ({ ok: true, teams: [] }) },
    },
    users: {
      info: async ({ user }: { user: string }) => {
        if (user === me && account === silent) throw noAnswer;
        return {
          ok: true,
          user: { id: user, team_id: 'T1', ...(user === me && accounts[account]) },
        };
      },
    },
    usergroups: { users: { list: async () => ({ ok: true, users: [me] }) } },
  };
  const nothing = { events: async () => [], recent: async () => [] };
  return bareDesk({
    store: {
      ...nothing,
      load: async () => run,
      append: async (_id, next) => (next(run) === undefined ? { run } : doing()),
    },
    access: openAccessLists(slack),
    loadCloud: async () => ({ name: 'staging', channel: 'C0', access }) as unknown as Cloud,
    loadRunbook: doing,
    readOutput: doing,
    outputFiles: { read: doing, post: doing, ask: () => ({ is: 'refused', why: '' }) },
    checkChannel: doing,
    upgrades: { inspect: doing, plan: doing, start: doing, heal: doing, run: doing, diffs: doing },
    unlocking: { look: doing, agree: doing },
    queues: { decideAgain: doing, card: doing },
    // A fix is made from what is known: whoever gets that far may choose it.
    knowledge: new Proxy({} as CloudDesk['knowledge'], {
      get: () => {
        throw new Error(`${hostStep(run, oneWork).status}: chosen`);
      },
    }),
    now: () => at,
  });
}

const names = Object.keys(mayAct);
const doorPaths = ['door', 'door, as an account that no file names'] as const;
const pathsOf = (name: string): readonly Path[] => [
  ...(isAction(name) || name === 'ask' || name === 'log' ? paths : []),
  ...(['status', 'log whole', 'inspect', 'plan', 'start', 'heal', 'run', 'unlock'].includes(name)
    ? ['word' as const]
    : []),
  ...(['status', 'watch', 'abort', 'rollback', 'confirm', 'log', 'log whole'].includes(name)
    ? doorPaths
    : []),
];

const table: readonly (Attempt & { readonly roleName: string })[] = names.flatMap((name) =>
  pathsOf(name).flatMap((path) =>
    Object.entries(roles).flatMap(([roleName, role]) =>
      listings.flatMap((listing) =>
        states.map((account) => ({ name, path, role, roleName, listing, account })),
      ),
    ),
  ),
);

describe('who may do what', () => {
  it.each(names)(
    '%s: nobody who may not, and everybody who may, whatever way it comes',
    async (name) => {
      const rows = table.filter((row) => row.name === name);
      const wrong: string[] = [];
      for (const row of rows) {
        const isWhole = row.path !== 'button' || !needsWords.has(name);
        const isNamed = row.path !== 'door, as an account that no file names';
        const isFine = isWhole && isNamed && row.account === 'fine';
        const may = isFine && (mayAct[name]?.(row.role) ?? false);
        const did = await didAnything(row).catch((error: unknown) =>
          String(error).includes('chosen'),
        );
        if (did !== may)
          wrong.push(
            `${did ? 'did' : 'did not'}: ${row.name} by ${row.path}, ${row.roleName}, ${row.listing}, ${row.account}`,
          );
      }
      expect(rows.length).toBeGreaterThanOrEqual(168);
      expect(wrong).toEqual([]);
    },
  );

  it('is asked of every action there is', () => {
    expect(table.length).toBeGreaterThan(6000);
  });
});
