import { createHash } from 'node:crypto';
import { sizeText } from '../../../jobs/files/sizes.ts';
import type {
  InspectedDatabase,
  InspectedHost,
  Inspection,
} from '../../../openstack/inspect/inspection.ts';
import { type ReleaseName, releaseNameTitle } from '../../../openstack/knowledge/releases.ts';
import { type Message, sectionsByMessage, sectionBlocks } from '../blocks.ts';
import { findingText, schemaMoves, databaseStanding } from './inspection.ts';
import { inlineCode, countText, oneLineMrkdwn } from '../text.ts';

/** All of it, host by host and database by database, in as many messages as that takes. */
export function inspectionDetails(found: Inspection): Message[] {
  const parts = sectionBlocks([
    ...findingDetails(found),
    ...alike(found.hosts).flatMap(([hosts, seen]) => ['', ...hostDetails(hosts, seen)]),
    ...found.databases.flatMap((one) => ['', ...databaseDetails(one)]),
    '',
    ...backendDetails(found),
    ...fileDetails(found),
  ]);
  return sectionsByMessage(parts).map((blocks) => ({
    text: `What inspection found on ${oneLineMrkdwn(found.cloud)}`,
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
function alike(all: Inspection['hosts']): [hosts: string[], seen: InspectedHost][] {
  const groups = new Map<string, [string[], InspectedHost]>();
  for (const [host, seen] of Object.entries(all)) {
    const key = JSON.stringify(seen);
    const [hosts] = groups.get(key) ?? [[]];
    groups.set(key, [[...hosts, host], seen]);
  }
  return [...groups.values()];
}

function hostDetails(hosts: readonly string[], { os, releases, units }: InspectedHost): string[] {
  const packages = releases.flatMap(({ project, series, packages: all }) =>
    together(all, ({ version }) => version).map(
      ([version, some]) =>
        `${oneLineMrkdwn(project)}  ${seriesTitle(series)}, ${oneLineMrkdwn(version)}: ${namesOf(some)}`,
    ),
  );
  const services = together(units, ({ active }) => active).map(
    ([active, some]) => `services ${oneLineMrkdwn(active)}: ${namesOf(some)}`,
  );
  const heading = `*${oneLineMrkdwn(hosts.join(', '), 1500)}*  ${oneLineMrkdwn(os) || 'system not known'}`;
  return [heading, ...packages, ...services];
}

const seriesTitle = (series: ReleaseName | undefined): string =>
  series === undefined ? '*of no known release*' : releaseNameTitle(series);

const namesOf = (some: readonly { readonly name: string }[]): string =>
  oneLineMrkdwn(some.map(({ name }) => name).join(', '), 1200);

/** What has the same value together, in the order in which the values come. */
function together<T>(all: readonly T[], valueOf: (one: T) => string): [value: string, T[]][] {
  const values = [...new Set(all.map(valueOf))];
  return values.map((value) => [value, all.filter((one) => valueOf(one) === value)]);
}

function databaseDetails(one: InspectedDatabase): string[] {
  const { called, sizeBytes, tables, revision, truth } = one;
  const facts = [
    ...(sizeBytes === undefined ? [] : [sizeText(sizeBytes)]),
    ...(tables === undefined ? [] : [countText(tables, 'table')]),
    `revision ${revision ?? 'not known'}`,
    databaseStanding(one),
  ];
  return [
    `*Database ${oneLineMrkdwn(called)}*  ${oneLineMrkdwn(facts.join('  ·  '), 600)}`,
    ...(truth === undefined
      ? []
      : [
          `${oneLineMrkdwn(truth.explanation, 900)} [${oneLineMrkdwn(truth.source, 200)}]`,
          ...schemaMoves(one),
        ]),
    ...one.rows.map(({ what, count: many }) => `${many}  ${oneLineMrkdwn(what, 200)}`),
  ];
}

const backendDetails = ({ backends }: Inspection): string[] =>
  backends.map(({ host, name, servers }) => {
    const all = servers.map(
      (one) => `${one.name} ${one.status} ${countText(one.sessions, 'session')}`,
    );
    return `Backend ${oneLineMrkdwn(name)} on ${oneLineMrkdwn(host)}: ${oneLineMrkdwn(all.join(', ') || 'not there', 1200)}`;
  });

function fileDetails({ configFiles }: Inspection): string[] {
  const all = Object.entries(configFiles);
  if (all.length === 0) return [];
  const lines = all.map(([path, content]) => `${inlineCode(path, 400)}  ${fingerprint(content)}`);
  return ['', '*Configuration files for the upgrade*, each with its sha256', ...lines];
}
