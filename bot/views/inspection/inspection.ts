import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import type { DatabaseSeen, Inspection } from '../../../openstack/inspect/inspection.ts';
import type { FindingSeen } from '../../../openstack/inspect/checks/check.ts';
import { titleOf } from '../../../openstack/knowledge/series.ts';
import { type Message, header, sections } from '../blocks.ts';
import { code, count, few, mention, plain, size } from '../text.ts';

/** What was found, short enough for a phone: what is well in a word, what is not by name. */
export function inspectionSummary(found: Inspection, where: Where): Message {
  const lines = [
    ...silentLines(found),
    releaseLine(found),
    hostLine(found),
    serviceLine(found),
    ...databaseLines(found),
    ...roomLine(found),
    ...backendLine(found),
    ...memcachedLine(found),
    ...cronLine(found),
    ...findingLines(found),
    ...found.problems.map(
      ({ host, what, why }) => `✗ *Not known*  ${what} on ${plain(host)}: ${plain(why, 200)}`,
    ),
    `*Next*  ${code(`/upgrade plan ${found.cloud} SERIES`)}  ·  nothing was changed`,
    follows(where),
  ];
  return {
    text: `Inspection of ${plain(found.cloud)}: ${plain(releases(found), 200)}`,
    blocks: [
      header(`Inspection of ${found.cloud} · ${found.environment}`),
      ...sections(lines),
    ].slice(0, 6),
  };
}

/** In the channel: who asked. In private: the channel that has the details. */
type Where = { readonly by: string } | { readonly channel: string };

const follows = (where: Where): string =>
  'by' in where
    ? `${mention(where.by)} asked for it; the details are in the thread`
    : `The details are in <#${where.channel.replaceAll(/[^A-Z0-9]/g, '')}>.`;

const silentLines = ({ silent }: Inspection): string[] =>
  silent
    .slice(0, 5)
    .map(
      ({ host, message, hint }) =>
        `✗ *No answer from ${plain(host)}*  ${plain(message, 300)}. ${plain(hint, 200)}`,
    );

function releases({ series }: Inspection): string {
  const all = new Set(Object.values(series).flat());
  const [only] = all;
  if (only === undefined) return 'no package of OpenStack found';
  if (all.size === 1) return `${titleOf(only)} everywhere`;
  return Object.entries(series)
    .filter(([, found]) => found.length > 0)
    .map(([name, found]) => `${name} ${found.map(titleOf).join(' and ')}`)
    .join(', ');
}

function releaseLine(found: Inspection): string {
  const ages = found.ages.map(({ name, status, endOfLife }) =>
    [`${titleOf(name)}: ${status}`, ...(endOfLife ? [`since ${endOfLife}`] : [])].join(' '),
  );
  const isMixed = found.ages.length > 1;
  return `${isMixed ? '✗ *Mixed releases*' : '*Release*'}  ${plain(releases(found), 600)}  ·  ${plain(ages.join(', '), 300)}`;
}

function hostLine({ hosts, silent }: Inspection): string {
  const all = Object.values(hosts);
  const systems = [...new Set(all.map(({ os }) => os).filter((os) => os !== ''))];
  const broken = Object.entries(hosts).flatMap(([host, { unfinished }]) =>
    unfinished.map(({ name, state }) => `${name} (${state}) on ${host}`),
  );
  const line = `*Hosts*  ${all.length} of ${all.length + silent.length} answered  ·  ${plain(few(systems), 300)}`;
  return broken.length === 0
    ? line
    : `${line}\n✗ *Packages not whole*  ${plain(few(broken, 6), 600)}`;
}

function serviceLine({ hosts }: Inspection): string {
  const units = Object.entries(hosts).flatMap(([host, { units: here }]) =>
    here.filter(({ isExpected }) => isExpected).map((unit) => ({ host, ...unit })),
  );
  const down = units.filter(({ active }) => active !== 'active');
  const names = down.map(({ host, name, active }) => `${name} on ${host} (${active})`);
  const rest = names.length === 0 ? 'all that belong here' : `not: ${plain(few(names, 8), 600)}`;
  return `${down.length === 0 ? '' : '✗ '}*Services*  ${units.length - down.length} of ${units.length} run  ·  ${rest}`;
}

function databaseLines({ cloud, databases }: Inspection): string[] {
  if (databases.length === 0) return [];
  const well = databases.filter(({ truth }) => truth?.kind === 'head');
  const odd = databases.filter(
    ({ truth, problem }) => truth?.kind !== 'head' || problem !== undefined,
  );
  const list = well.map(({ called, truth }) => `${called} ${truth?.name ?? ''}`).join(', ');
  return [
    ...(well.length === 0 ? [] : [`*Databases*  ${plain(list, 600)}`]),
    ...odd.map(
      (one) =>
        `✗ *Database ${plain(one.called)}*  ${[plain(standing(one), 300), ...moves(one), ...wayOn(one, cloud)].join('. ')}`,
    ),
    ...databases.flatMap(rowLines),
  ];
}

export const standing = ({ truth, problem, revision }: DatabaseSeen): string =>
  problem ?? truth?.name ?? `revision ${revision ?? 'not known'}`;

/** What may be done about a schema, on a line; none when nothing is known. */
export function moves({ truth }: DatabaseSeen): string[] {
  const titles = (truth?.legalMoves ?? []).map(({ title }) => title);
  return titles.length === 0 ? [] : [`May be done: ${plain(titles.join('; or: '), 500)}`];
}

/** What leads it forward without a restore. */
const wayOn = ({ called, truth }: DatabaseSeen, cloud: string): string[] =>
  truth?.kind === 'between'
    ? [`Forward, once approved: ${code(`/upgrade heal ${cloud} ${called}`)}`]
    : [];

const rowLines = ({ called, rows }: DatabaseSeen): string[] =>
  rows
    .filter((row) => row.count > 0)
    .map(
      ({ what, count: many, blocksNext }) =>
        `${blocksNext ? '✗ ' : ''}*Rows*  ${many} in ${plain(called)}: ${plain(what, 200)}; ${blocksNext ? 'the next sync refuses them' : 'a later sync refuses them, and the plan moves them before'}`,
    );

function roomLine({ room, databases }: Inspection): string[] {
  if (room === undefined) return [];
  const total = databases.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const { backups, data, host, isEnough } = room;
  return [
    `${isEnough ? '' : '✗ '}*Disk*  ${size(backups.freeBytes)} free for dumps and ${size(data.freeBytes)} for their trial on ${plain(host)}; ${size(total)} of data: ${isEnough ? 'enough' : 'too little'}`,
  ];
}

function backendLine({ backends }: Inspection): string[] {
  if (backends.length === 0) return [];
  const bad = backends.flatMap(({ name, servers }) =>
    servers.length === 0
      ? [`${name} is not there`]
      : servers
          .filter(({ status }) => !/^(UP|no check)/.test(status))
          .map((server) => `${name}/${server.name} ${server.status}`),
  );
  const sessions = backends
    .flatMap(({ servers }) => servers)
    .reduce((sum, server) => sum + server.sessions, 0);
  return [
    `${bad.length === 0 ? '' : '✗ '}*Load balancer*  ${bad.length === 0 ? `${count(backends.length, 'backend')} up` : plain(few(bad, 6), 500)}  ·  ${count(sessions, 'session')}`,
  ];
}

function memcachedLine({ memcached }: Inspection): string[] {
  const silent = memcached.filter(({ answer }) => answer === undefined);
  if (memcached.length === 0) return [];
  return silent.length === 0
    ? [
        `*memcached*  answers: ${plain(few([...new Set(memcached.map(({ address }) => address))], 6), 300)}`,
      ]
    : silent.map(
        ({ from, address }) => `✗ *memcached*  ${plain(address)} does not answer ${plain(from)}`,
      );
}

const cronLine = ({ cron }: Inspection): string[] =>
  cron.map(
    ({ host, where, line }) =>
      `*Cron*  has to go for the upgrade, on ${plain(host)} (${plain(where)}): ${code(maskSecrets(line), 200)}`,
  );

/** What stops an upgrade, each by itself; what may, in few words: all of it is in the thread. */
function findingLines({ findings }: Inspection): string[] {
  const bad = findings.filter(({ level }) => level === 'bad');
  const others = findings.filter(({ level }) => level === 'warn').length;
  return [
    ...bad.slice(0, 6).map((one) => `✗ ${findingText(one, 300)}`),
    ...(bad.length > 6 ? [`✗ and ${count(bad.length - 6, 'more finding')} of this kind`] : []),
    ...(others > 0 ? [`*To look at*  ${count(others, 'warning')}, in the thread`] : []),
  ];
}

export const findingText = ({ hosts, what, hint, source }: FindingSeen, most: number): string => {
  const where = hosts.length === 0 ? '' : `*${plain(few(hosts, 6))}*  `;
  const end = hint === undefined ? '' : ` _${plain(hint, most)}_`;
  return `${where}${plain(what, most)}.${end}${source === undefined ? '' : ` [${plain(source, 150)}]`}`;
};
