import { sizeText } from '../../../jobs/files/sizes.ts';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import type { InspectedDatabase, Inspection } from '../../../openstack/inspect/inspection.ts';
import type { FindingOnHosts } from '../../../openstack/inspect/finding.ts';
import { releaseNameTitle } from '../../../openstack/knowledge/releases.ts';
import { type Message, headerBlock, sectionBlocks } from '../blocks.ts';
import { inlineCode, countText, fewNames, mention, oneLineMrkdwn, withFullStop } from '../text.ts';

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
      ({ host, what, why }) =>
        `✗ *Not known*  ${what} on ${oneLineMrkdwn(host)}: ${oneLineMrkdwn(why, 200)}`,
    ),
    `*Next*  ${inlineCode(`/upgrade plan ${found.cloud} RELEASE`)}  ·  nothing was changed`,
    follows(where),
  ];
  return {
    text: `Inspection of ${oneLineMrkdwn(found.cloud)}: ${oneLineMrkdwn(releases(found), 200)}`,
    blocks: [
      headerBlock(`Inspection of ${found.cloud} · ${found.environment}`),
      ...sectionBlocks(lines),
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
        `✗ *No answer from ${oneLineMrkdwn(host)}*  ${withFullStop(oneLineMrkdwn(message, 300))} ${oneLineMrkdwn(hint, 200)}`,
    );

function releases({ series }: Inspection): string {
  const all = new Set(Object.values(series).flat());
  const [only] = all;
  if (only === undefined) return 'no package of OpenStack found';
  if (all.size === 1) return `${releaseNameTitle(only)} everywhere`;
  return Object.entries(series)
    .filter(([, found]) => found.length > 0)
    .map(([name, found]) => `${name} ${found.map(releaseNameTitle).join(' and ')}`)
    .join(', ');
}

function releaseLine(found: Inspection): string {
  const ages = found.ages.map((age) => `${releaseNameTitle(age.name)}: ${maintenanceOf(age)}`);
  const isMixed = found.ages.length > 1;
  return `${isMixed ? '✗ *Mixed releases*' : '*Release*'}  ${oneLineMrkdwn(releases(found), 600)}  ·  ${oneLineMrkdwn(ages.join(', '), 300)}`;
}

function maintenanceOf({ status, endOfLife }: Inspection['ages'][number]): string {
  switch (status) {
    case 'maintained':
      return endOfLife === undefined ? status : `maintained until ${endOfLife}`;
    case 'unmaintained':
    case 'end of life': {
      const end = status === 'unmaintained' ? '' : ` (${status})`;
      return endOfLife === undefined ? status : `unmaintained since ${endOfLife}${end}`;
    }
    case 'development':
      return 'in development';
    case 'future':
      return 'not released yet';
  }
}

function hostLine({ hosts, silent }: Inspection): string {
  const all = Object.values(hosts);
  const systems = [...new Set(all.map(({ os }) => os).filter((os) => os !== ''))];
  const broken = Object.entries(hosts).flatMap(([host, { unfinished }]) =>
    unfinished.map(({ name, state }) => `${name} (${state}) on ${host}`),
  );
  const line = `*Hosts*  ${all.length} of ${all.length + silent.length} answered  ·  ${oneLineMrkdwn(fewNames(systems), 300)}`;
  return broken.length === 0
    ? line
    : `${line}\n✗ *Packages half installed*  ${oneLineMrkdwn(fewNames(broken, 6), 600)}`;
}

function serviceLine({ hosts }: Inspection): string {
  const units = Object.entries(hosts).flatMap(([host, { units: here }]) =>
    here.filter(({ isExpected }) => isExpected).map((unit) => ({ host, ...unit })),
  );
  const down = units.filter(({ active }) => active !== 'active');
  const names = down.map(({ host, name, active }) => `${name} on ${host} (${active})`);
  const rest =
    names.length === 0 ? 'all that should' : `not: ${oneLineMrkdwn(fewNames(names, 8), 600)}`;
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
    ...(well.length === 0 ? [] : [`*Databases*  ${oneLineMrkdwn(list, 600)}`]),
    ...odd.map(
      (one) =>
        `✗ *Database ${oneLineMrkdwn(one.called)}*  ${[oneLineMrkdwn(databaseStanding(one), 300), ...schemaMoves(one), ...healing(one, cloud)].map(withFullStop).join(' ')}`,
    ),
    ...databases.flatMap(rowLines),
  ];
}

export const databaseStanding = ({ truth, problem, revision }: InspectedDatabase): string =>
  problem ?? truth?.name ?? `revision ${revision ?? 'not known'}`;

/** What may be done about a schema, on a line; none when nothing is known. */
export function schemaMoves({ truth }: InspectedDatabase): string[] {
  const titles = (truth?.legalMoves ?? []).map(({ title }) => title);
  return titles.length === 0
    ? []
    : [`What can be done: ${oneLineMrkdwn(titles.join('; or: '), 500)}`];
}

/** What finishes an interrupted schema migration without a restore. */
const healing = ({ called, truth }: InspectedDatabase, cloud: string): string[] =>
  truth?.kind === 'between'
    ? [`To finish the migration: ${inlineCode(`/upgrade heal ${cloud} ${called}`)}`]
    : [];

const rowLines = ({ called, rows }: InspectedDatabase): string[] =>
  rows
    .filter((row) => row.count > 0)
    .map(
      ({ what, count: many, blocksNext }) =>
        `${blocksNext ? '✗ ' : ''}*Rows*  ${many} in ${oneLineMrkdwn(called)}: ${oneLineMrkdwn(what, 200)}; ${blocksNext ? 'the next sync refuses them' : 'a later sync refuses them, so the plan migrates them first'}`,
    );

function roomLine({ room, databases }: Inspection): string[] {
  if (room === undefined) return [];
  const total = databases.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const { backups, data, host, isEnough } = room;
  return [
    `${isEnough ? '' : '✗ '}*Disk*  ${sizeText(backups.freeBytes)} free for dumps and ${sizeText(data.freeBytes)} for the trial restore on ${oneLineMrkdwn(host)}; ${sizeText(total)} of data: ${isEnough ? 'enough' : 'too little'}`,
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
    `${bad.length === 0 ? '' : '✗ '}*Load balancer*  ${bad.length === 0 ? `${countText(backends.length, 'backend')} up` : oneLineMrkdwn(fewNames(bad, 6), 500)}  ·  ${countText(sessions, 'session')}`,
  ];
}

function memcachedLine({ memcached }: Inspection): string[] {
  const silent = memcached.filter(({ answer }) => answer === undefined);
  if (memcached.length === 0) return [];
  return silent.length === 0
    ? [
        `*memcached*  answers: ${oneLineMrkdwn(fewNames([...new Set(memcached.map(({ address }) => address))], 6), 300)}`,
      ]
    : silent.map(
        ({ from, address }) =>
          `✗ *memcached*  ${oneLineMrkdwn(address)} does not answer ${oneLineMrkdwn(from)}`,
      );
}

const cronLine = ({ cron }: Inspection): string[] =>
  cron.map(
    ({ host, where, line }) =>
      `*Cron*  has to be off during the upgrade, on ${oneLineMrkdwn(host)} (${oneLineMrkdwn(where)}): ${inlineCode(maskSecrets(line), 200)}`,
  );

/** What stops an upgrade, each by itself; what may, in few words: all of it is in the thread. */
function findingLines({ findings }: Inspection): string[] {
  const bad = findings.filter(({ level }) => level === 'bad');
  const others = findings.filter(({ level }) => level === 'warn').length;
  return [
    ...bad.slice(0, 6).map((one) => `✗ ${findingText(one, 300)}`),
    ...(bad.length > 6 ? [`✗ and ${countText(bad.length - 6, 'more finding')} of this kind`] : []),
    ...(others > 0 ? [`*To look at*  ${countText(others, 'warning')}, in the thread`] : []),
  ];
}

export const findingText = (
  { hosts, what, hint, source }: FindingOnHosts,
  most: number,
): string => {
  const where = hosts.length === 0 ? '' : `*${oneLineMrkdwn(fewNames(hosts, 6))}*  `;
  const end = hint === undefined ? '' : ` _${oneLineMrkdwn(hint, most)}_`;
  return `${where}${withFullStop(oneLineMrkdwn(what, most))}${end}${source === undefined ? '' : ` [${oneLineMrkdwn(source, 150)}]`}`;
};
