import type { Knowledge } from './knowledge.ts';
import { compareReleases, releaseNames, releaseNameTitle } from './releases.ts';

/** What the files of the knowledge say about things that are nowhere defined; empty when all is well. */
export function brokenReferences(knowledge: Knowledge): string[] {
  return [
    ...seriesProblems(knowledge),
    ...distributionProblems(knowledge),
    ...serviceProblems(knowledge),
    ...stepProblems(knowledge),
    ...ruleProblems(knowledge),
    ...stateProblems(knowledge),
    ...duplicates('signature', knowledge.signatures),
    ...duplicates('known issue', knowledge.issues),
    ...duplicates('hop rule', knowledge.rules),
    ...duplicates('gate', knowledge.gates),
    ...gateProblems(knowledge),
    ...floorProblems(knowledge),
  ];
}

function seriesProblems({ series }: Knowledge): string[] {
  const listed = series.map(({ name }) => name);
  return listed.join() === releaseNames.join()
    ? []
    : ['releases: expected every release once, oldest first, and `npm run embed` after a new one'];
}

function distributionProblems({ distributions: { distributions } }: Knowledge): string[] {
  return Object.entries(distributions).flatMap(([name, { next, distribution }]) =>
    next === undefined || distributions[next]?.distribution === distribution
      ? []
      : [`distributions.yaml: ${name}: there is no ${distribution} ${next}`],
  );
}

function serviceProblems({ order, services, heads }: Knowledge): string[] {
  const unordered = Object.keys(services).filter((name) => !order.includes(name));
  const undefinedOnes = order.filter((name) => services[name] === undefined);
  return [
    ...unordered.map((name) => `order.yaml: ${name} is missing`),
    ...undefinedOnes.map((name) => `order.yaml: there is no services/${name}.yaml`),
    ...Object.values(services).flatMap((service) =>
      Object.entries(service.series).flatMap(([series, made]) => {
        const where = `releases/${series}.yaml: ${service.name}:`;
        const parts = [
          service.main,
          ...made.config.map(({ part }) => part),
          ...made.checks.map(({ part }) => part),
          ...(made.report ? [made.report.part] : []),
        ];
        const unknown = parts.filter((part) => made.parts[part] === undefined);
        const synced = new Set(made.sync.flatMap(({ database, also = [] }) => [database, ...also]));
        const foreign = [...synced].filter((database) => !service.databases.includes(database));
        const unsynced = service.databases.filter(
          (database) => headsIn(heads, database, series) !== undefined && !synced.has(database),
        );
        const headless = [...synced].filter(
          (database) => headsIn(heads, database, series) === undefined,
        );
        return [
          ...(made.needs ?? [])
            .filter((name) => services[name] === undefined)
            .map((name) => `${where} it needs ${name}, which is unknown`),
          ...unknown.map((part) => `${where} there is no part ${part}`),
          ...foreign.map((database) => `${where} ${database} is not one of its databases`),
          ...unsynced.map((database) => `${where} ${database} has heads but no sync`),
          ...headless.map((database) => `${where} ${database} has a sync but no heads`),
        ];
      }),
    ),
  ];
}

const headsIn = (heads: Knowledge['heads'], database: string, series: string) =>
  Object.entries(heads[database]?.heads ?? {}).find(([name]) => name === series)?.[1];

function stepProblems({ steps, services }: Knowledge): string[] {
  return Object.entries(steps).flatMap(([id, { service, part }]) => {
    const made = Object.values(services[service]?.series ?? {});
    return made.length > 0 && made.every((one) => one.parts[part] !== undefined)
      ? []
      : [`steps: ${id}: there is no ${service} ${part}`];
  });
}

function ruleProblems({ rules, gates, steps, services, signatures, issues }: Knowledge): string[] {
  const uses = [
    ...rules.map((rule) => ({
      where: `rules: ${rule.id}`,
      used: [...rule.steps, ...(rule.whenBlocked ?? [])],
    })),
    ...gates.map(({ id, steps: used = [] }) => ({ where: `rules: ${id}`, used })),
    ...signatures.map(({ id, waysOut }) => ({
      where: `signatures.yaml: ${id}`,
      used: waysOut.flatMap((way) => way.steps),
    })),
  ];
  const named = [
    ...rules.map(({ id, service }) => ({ where: `rules: ${id}`, service })),
    ...issues.flatMap(({ id, services: all }) =>
      all.map((service) => ({ where: `issues: ${id}`, service })),
    ),
  ];
  const backwards = [...rules, ...issues, ...gates].flatMap(({ id, hops }) =>
    (Array.isArray(hops) ? hops : [])
      .filter(([from, to]) => compareReleases(from, to) >= 0)
      .map(
        ([from, to]) =>
          `${id}: ${releaseNameTitle(from)} does not come before ${releaseNameTitle(to)}`,
      ),
  );
  const unnamed = rules
    .filter(({ code, hops }) => code === 'from' && !Array.isArray(hops))
    .map(({ id }) => `rules: ${id}: programs of the release that is left need named hops`);
  return [
    ...uses.flatMap(({ where, used }) =>
      used.filter((id) => steps[id] === undefined).map((id) => `${where}: there is no step ${id}`),
    ),
    ...named
      .filter(({ service }) => services[service] === undefined)
      .map(({ where, service }) => `${where}: there is no service ${service}`),
    ...backwards,
    ...unnamed,
  ];
}

function gateProblems({ gates, heads }: Knowledge): string[] {
  const databases = Object.entries(heads);
  return gates.flatMap(({ id, service, rows, seenBy }) => {
    const where = `rules: ${id}:`;
    const owner = rows && heads[rows.database]?.service;
    return [
      ...(databases.some(([, head]) => head.service === service)
        ? []
        : [`${where} there is no service ${service}`]),
      ...(rows && owner !== service ? [`${where} ${rows.database} is not ${service}'s`] : []),
      ...(rows === undefined && seenBy === undefined ? [`${where} nothing sees it`] : []),
    ];
  });
}

/** A floor may lie below what its release writes in the end: nova names the number that it had when the alias was made. */
function floorProblems({ floors: { compute } }: Knowledge): string[] {
  const versions = Object.entries(compute.versions);
  return Object.entries(compute.floors)
    .filter(([, { oldest, version }]) => {
      const written = versions.find(([series]) => series === oldest)?.[1];
      return written === undefined || version > written;
    })
    .map(([target, { oldest }]) => `releases/${target}.yaml: floor: above the number of ${oldest}`);
}

function stateProblems({ states, steps, heads }: Knowledge): string[] {
  const inMoves = Object.entries(states.moves).flatMap(([id, move]) =>
    move.steps
      .filter((step) => steps[step] === undefined)
      .map((step) => `schema-states.yaml: ${id}: there is no step ${step}`),
  );
  const inStates = Object.entries(states.databases).flatMap(([database, all]) => [
    ...(heads[database] === undefined ? [`schema-states.yaml: ${database} has no heads`] : []),
    ...all.flatMap(({ from, to, at, moves: { uncounted, blocked, clear } }, index) => [
      ...[...uncounted, ...blocked, ...clear]
        .filter((move) => states.moves[move] === undefined)
        .map(
          (move) => `schema-states.yaml: ${database} ${at ?? from ?? ''}: there is no move ${move}`,
        ),
      ...((at === undefined) === (from === undefined || to === undefined)
        ? [`schema-states.yaml: ${database}: expected numbers (from, to) or a revision (at)`]
        : []),
      ...(index > 0 && from !== undefined && from !== (all[index - 1]?.to ?? 0) + 1
        ? [`schema-states.yaml: ${database} ${from}: expected to follow the state before it`]
        : []),
    ]),
  ]);
  return [...inMoves, ...inStates];
}

function duplicates(noun: string, all: readonly { readonly id: string }[]): string[] {
  const ids = all.map(({ id }) => id);
  return ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => `${noun} ${id} is there twice`);
}
