import { createHash } from 'node:crypto';
import type { DatabaseSeen, HostSeen, Inspection } from '../../../openstack/inspect/inspection.ts';
import { type SeriesName, titleOf } from '../../../openstack/knowledge/series.ts';
import { type Message, byMessage, sections } from '../blocks.ts';
import { findingText, moves, standing } from './inspection.ts';
import { code, count, plain, size } from '../text.ts';

/** All of it, host by host and database by database, in as many messages as that takes. */
export function inspectionDetails(found: Inspection): Message[] {
  const parts = sections([
    ...findingDetails(found),
    ...alike(found.hosts).flatMap(([hosts, seen]) => ['', ...hostDetails(hosts, seen)]),
    ...found.databases.flatMap((one) => ['', ...databaseDetails(one)]),
    '',
    ...backendDetails(found),
    ...fileDetails(found),
  ]);
  return byMessage(parts).map((blocks) => ({
    text: `What inspection found on ${plain(found.cloud)}`,
    blocks,
  }));
}

/** In place of a content that holds secrets. */
const fingerprint = (content: string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 12);

const marks = { bad: '✗', warn: '⚠', note: '·' } as const;

const findingDetails = ({ findings }: Inspection): string[] =>
  findings.map((one) => `${marks[one.level]} ${findingText(one, 600)}`);

/** Hosts of which the same was found, together. */
function alike(all: Inspection['hosts']): [hosts: string[], seen: HostSeen][] {
  const groups = new Map<string, [string[], HostSeen]>();
  for (const [host, seen] of Object.entries(all)) {
    const key = JSON.stringify(seen);
    const [hosts] = groups.get(key) ?? [[]];
    groups.set(key, [[...hosts, host], seen]);
  }
  return [...groups.values()];
}

function hostDetails(hosts: readonly string[], { os, releases, units }: HostSeen): string[] {
  const packages = releases.flatMap(({ project, series, packages: all }) =>
    together(all, ({ version }) => version).map(
      ([version, some]) =>
        `${plain(project)}  ${seriesTitle(series)}, ${plain(version)}: ${namesOf(some)}`,
    ),
  );
  const services = together(units, ({ active }) => active).map(
    ([active, some]) => `services ${plain(active)}: ${namesOf(some)}`,
  );
  const heading = `*${plain(hosts.join(', '), 1500)}*  ${plain(os) || 'system not known'}`;
  return [heading, ...packages, ...services];
}

const seriesTitle = (series: SeriesName | undefined): string =>
  series === undefined ? '*of no known release*' : titleOf(series);

const namesOf = (some: readonly { readonly name: string }[]): string =>
  plain(some.map(({ name }) => name).join(', '), 1200);

/** What has the same value together, in the order in which the values come. */
function together<T>(all: readonly T[], valueOf: (one: T) => string): [value: string, T[]][] {
  const values = [...new Set(all.map(valueOf))];
  return values.map((value) => [value, all.filter((one) => valueOf(one) === value)]);
}

function databaseDetails(one: DatabaseSeen): string[] {
  const { called, sizeBytes, tables, revision, truth } = one;
  const facts = [
    ...(sizeBytes === undefined ? [] : [size(sizeBytes)]),
    ...(tables === undefined ? [] : [count(tables, 'table')]),
    `revision ${revision ?? 'not known'}`,
    standing(one),
  ];
  return [
    `*Database ${plain(called)}*  ${plain(facts.join('  ·  '), 600)}`,
    ...(truth === undefined
      ? []
      : [`${plain(truth.explanation, 900)} [${plain(truth.source, 200)}]`, ...moves(one)]),
    ...one.rows.map(({ what, count: many }) => `${many}  ${plain(what, 200)}`),
  ];
}

const backendDetails = ({ backends }: Inspection): string[] =>
  backends.map(({ host, name, servers }) => {
    const all = servers.map((one) => `${one.name} ${one.status} ${count(one.sessions, 'session')}`);
    return `Backend ${plain(name)} on ${plain(host)}: ${plain(all.join(', ') || 'not there', 1200)}`;
  });

function fileDetails({ configFiles }: Inspection): string[] {
  const all = Object.entries(configFiles);
  if (all.length === 0) return [];
  const lines = all.map(([path, content]) => `${code(path, 400)}  ${fingerprint(content)}`);
  return ['', '*Files for the road*, each with its sha256', ...lines];
}
