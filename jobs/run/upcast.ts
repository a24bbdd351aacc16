import { capital } from '../../handlers/words/letters.ts';
// What older versions wrote is read here, and nowhere else; what is written stays as it is for ever.
// Nothing new belongs here but the step from the schema before to the next one, once events change again.
import { OperatorError } from '../../handlers/contract/errors.ts';
import { RunEvent } from './events.ts';
import type { Plan } from './plan.ts';

/** Of what is written today. It grows by one when an event says something new, or says it in another way. */
export const eventSchema = 6;

/** An event as it is stored. */
export const storedEvent = (event: RunEvent): object => ({ ...event, schema: eventSchema });

/** Reads what any version up to this one has stored. Throws `NewerLog` for what a later one has. */
export function readEvent(stored: unknown, run: string): RunEvent {
  if (!isRecord(stored)) return RunEvent.parse(stored);
  const { schema = 1, ...event } = stored;
  if (typeof schema === 'number' && schema > eventSchema) throw newerLog(run, schema);
  // The third, the fourth and the sixth have more kinds of events; since the fifth the plan stands beside the log.
  if (typeof schema === 'number' && schema >= 2) return RunEvent.parse(event);
  return RunEvent.parse(schema === 1 ? secondSchema(event) : stored);
}

/** The same of a first event whose plan stands beside the log, and was read there. */
export function readEventOfPlan(stored: unknown, plan: Plan, run: string): RunEvent {
  const event = readEvent(isRecord(stored) ? { ...stored, plan: anyPlan } : stored, run);
  return event.type === 'RunRequested' ? { ...event, plan } : event;
}

/** Stands for one that was checked already: a large plan takes a while. */
const anyPlan: Plan = {
  title: '',
  cloud: '',
  environment: '',
  channel: '',
  runbook: '',
  become: false,
  targets: {},
  steps: [
    {
      id: '',
      title: '',
      kind: '',
      params: {},
      hosts: [''],
      exit: 'reversible',
      doer: 'person',
      apply: [],
      batch: 1,
      maxFailures: 0,
      timeoutMs: 1,
    },
  ],
};

const newerLog = (run: string, schema: number): OperatorError =>
  new OperatorError(
    `reading run ${run}: a newer version of Hopscotch wrote its log (schema ${schema}; this process reads up to ${eventSchema})`,
    {
      name: 'NewerLog',
      hint: 'Upgrade every bot and worker that shares this Redis to that version; until then those of it go on with the run, and this one leaves it alone.',
    },
  );

/** The first schema said in ids, titles and sentences what is a field since, and does not say which one it is. */
function secondSchema(event: JsonRecord): JsonRecord {
  switch (event['type']) {
    case 'RunRequested':
      return isRecord(event['plan']) ? { ...event, plan: planOf(event['plan']) } : event;
    case 'WayOutChosen':
      return { ...event, steps: stepsOf(event['steps']) };
    case 'StepFailed':
      return failureOf(event);
    default:
      return event;
  }
}

function planOf(plan: JsonRecord): JsonRecord {
  const [, what] = /^openstack:(.+)$/.exec(String(plan['runbook'])) ?? [];
  const origin = what === 'heal' ? { of: 'healing' } : { of: 'upgrade', release: what };
  return {
    ...plan,
    ...(what === undefined ? {} : { origin }),
    steps: stepsOf(plan['steps']),
  };
}

const stepsOf = (steps: unknown): unknown =>
  Array.isArray(steps) ? steps.map((step) => (isRecord(step) ? stepOf(step) : step)) : steps;

/** Planned steps were called `kilo-stop-nova-api` and titled `Kilo: stop nova-api`; repeated ones `…-w1` and `Again: …`. */
function stepOf(step: JsonRecord): JsonRecord {
  const [id, title] = [String(step['id']), String(step['title'])];
  const isAgain = title.startsWith('Again: ');
  const [mark = ''] = id.split('-');
  const isOfHop = title.replace(/^Again: /, '').startsWith(`${capital(mark)}: `);
  return {
    ...step,
    ...(isOfHop && { hop: { to: mark } }),
    ...(isAgain && { again: id.replace(/-w\d+(?:-\d+)?$/, '') }),
  };
}

/** What a command that failed was said to be: the title of its step, its host and its exit code, and nothing else. */
function failureOf({ reason, hint, ...event }: JsonRecord): JsonRecord {
  return event['exit'] === undefined ? { ...event, reason, hint } : { ...event, cause: 'exit' };
}

type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
