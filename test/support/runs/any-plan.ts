import fc from 'fast-check';
import { handlers } from '../../../handlers/index.ts';
import type { Plan, PlanStep } from '../../../jobs/run/plan.ts';

/** Kinds of steps with params that differ by a word and a number; the host is where it runs. */
const templates: Readonly<
  Record<string, (word: string, number: number, host: string) => readonly [string, object]>
> = {
  stop: (word) => ['service', { name: word, state: 'stopped' }],
  start: (word) => ['service', { name: word, state: 'started' }],
  install: (word) => ['package', { install: [`pkg-${word}`], hold: [word] }],
  upgrade: (word) => ['package', { upgrade: 'full', hold: [word] }],
  purge: (word) => ['package', { purge: [`pkg-${word}`] }],
  source: (word, number) => [
    'repository',
    {
      name: word,
      uri: `http://archive.example.org/${number}`,
      suite: `${word}/zed`,
      components: ['main'],
    },
  ],
  file: (word, number) => [
    'file',
    {
      path: `/etc/${word}/${word}.conf`,
      content: `[DEFAULT]\nworkers = ${number}\npassword = x${number}\n`,
    },
  ],
  option: (word, number) => [
    'config-option',
    {
      path: `/etc/${word}.conf`,
      changes: [{ section: 'DEFAULT', option: 'debug', value: `${number}` }],
    },
  ],
  http: (_word, number, host) => ['check', { http: { url: `http://${host}:${5000 + number}/` } }],
  look: (word) => ['check', { command: { run: ['sh', '-c', script(word), 'sh', word] } }],
  run: (word, number) => [
    'command',
    { run: ['sh', '-c', script(word), word, `${number}`], undo: [] },
  ],
  raw: (word, number) => [
    'command',
    { run: [word, `--number=${number}`, `it's ${'<!here>`'.slice(number)}`] },
  ],
  drain: (word) => ['loadbalancer', { socket: '/run/haproxy.sock', backend: word, state: 'drain' }],
  ready: (word, _number, host) => [
    'loadbalancer',
    { socket: '/run/haproxy.sock', backend: word, state: 'ready', servers: [host] },
  ],
  empty: (_word, _number, host) => [
    'compute-drain',
    { host, openrc: '/root/openrc', mode: 'live' },
  ],
  person: (word, _number, host) => [
    'manual',
    { instructions: `Look at ${host}.\nThen at ${word}.`, changes: false },
  ],
};

const script = (word: string): string =>
  ['set -e', ...Array.from({ length: 9 }, (_, index) => `echo "${word} ${index}"`)].join('\n');

const shape = fc.record({
  hosts: fc.integer({ min: 1, max: 200 }),
  /** A block of steps, on which hosts it runs in turns, and how many hosts a turn has. */
  blocks: fc.array(
    fc.record({
      steps: fc.array(
        fc.record({
          template: fc.constantFrom(...Object.keys(templates)),
          word: fc.constantFrom(
            'nova-api',
            'keystone',
            'glance-api',
            'neutron-l3-agent',
            'a',
            'x'.repeat(60),
          ),
          number: fc.integer({ min: 0, max: 3 }),
          batch: fc.constantFrom(1, 5, 1000),
          gate: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 1, 2),
          notes: fc.constantFrom(undefined, undefined, [
            'It is known. Wait. [LP 1]',
            'y'.repeat(1500),
          ]),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      turns: fc.constantFrom(1, 1, 1, 2, 9, 40),
      size: fc.constantFrom(1, 1, 5, 200),
      from: fc.nat({ max: 199 }),
    }),
    { minLength: 1, maxLength: 30 },
  ),
});

/** Plans as planners and people write them: of at most 300 steps on at most 200 hosts, with turns, gates and scripts. */
export const anyPlan: fc.Arbitrary<Plan> = shape.map(({ hosts: count, blocks }) => {
  const hosts = Array.from({ length: count }, (_, index) => `cmp${index + 1}`);
  const some = (from: number, size: number): string[] => [
    ...new Set(
      Array.from(
        { length: Math.min(size, count) },
        (_, index) => hosts[(from + index) % count] ?? 'cmp1',
      ),
    ),
  ];
  const steps = blocks
    .flatMap(({ steps: own, turns, size, from }) =>
      Array.from({ length: turns }, (_, turn) =>
        own.map((one, index) => ({
          ...one,
          on: some(from + turn * size, size),
          isFirst: index + turn === 0,
        })),
      ).flat(),
    )
    .slice(0, 300)
    .map(anyStep);
  return {
    title: 'Upgrade any from here to there',
    cloud: 'any',
    environment: 'production',
    channel: 'C0ANY',
    runbook: 'openstack:zed',
    become: true,
    targets: Object.fromEntries(hosts.map((host, index) => [host, target(host, index)])),
    steps,
  };
});

interface Shaped {
  readonly template: string;
  readonly word: string;
  readonly number: number;
  readonly batch: number;
  readonly gate: number | undefined;
  readonly notes: readonly string[] | undefined;
  readonly on: string[];
  readonly isFirst: boolean;
}

function anyStep(shaped: Shaped, index: number): PlanStep {
  const { template, word, number, batch, gate, notes, on, isFirst } = shaped;
  const [kind, given] = templates[template]?.(word, number, on[0] ?? '') ?? ['command', {}];
  const bound = handlers[kind]?.bind(given);
  if (bound === undefined) throw new Error(`no kind ${kind}`);
  const isPerson = bound.doer === 'person';
  return {
    id: `s${index + 1}`,
    title: `${template} ${word}`,
    kind,
    params: given,
    hosts: isPerson ? on.slice(0, 1) : on,
    exit: bound.reversibility,
    doer: bound.doer,
    ...(isPerson ? { undoByPerson: bound.undoByPerson } : {}),
    apply: bound.apply.map((one) => ({ ...one, words: ['sudo', '-n', '--', ...one.words] })),
    batch: Math.min(batch, on.length),
    maxFailures: 0,
    timeoutMs: bound.timeoutMs,
    ...(index === 0 ? { gate: 1 } : isFirst && gate !== undefined ? { gate } : {}),
    ...(notes === undefined || !isFirst ? {} : { notes: [...notes] }),
  };
}

const target = (host: string, index: number) => ({
  host,
  address: `192.0.2.${index + 1}`,
  port: 22,
  user: 'ops',
  key: '/keys/id',
  knownHosts: '/keys/known_hosts',
});
