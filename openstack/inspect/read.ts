import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { InspectAnswer } from '../../jobs/redis/inspect-request.ts';
import { readDatabases, readBackupSpace } from './databases.ts';
import { readOsName, readInstalledReleases, readUnfinishedPackages } from './packages.ts';
import { type AnsweredQuestion, answeredQuestions, answersAbout, failureText } from './answers.ts';
import { inspectionQuestions } from './questions.ts';
import type {
  InspectedBackend,
  InspectedHost,
  Inspection,
  InstalledRelease,
  InspectedUnit,
} from './inspection.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { readChecks } from './checks/index.ts';
import {
  type KnownRelease,
  type ReleaseName,
  releaseNames,
  statusOn,
} from '../knowledge/releases.ts';
import type { InspectionTopic } from './question.ts';
import { type InspectionSubject, inspectionSubject } from './subject.ts';
import { unnamedFindings, unnamedProjects } from './unnamed.ts';

interface Beside {
  /** Path within the cloud's config directory, and content. */
  readonly configFiles: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly now: string;
}

/** What the answers to `inspection` mean. */
export function readInspection(
  cloud: Cloud,
  knowledge: Knowledge,
  answer: InspectAnswer,
  { configFiles, now }: Beside,
): Inspection {
  const subject = inspectionSubject(cloud, knowledge);
  const answered = answeredQuestions(inspectionQuestions(subject), answer);
  const releases = releasesOf(subject, answered);
  const series = seriesOf(subject, Object.values(releases).flat());
  const hosts = hostsSeen(subject, answered, { releases, series });
  const databases = readDatabases(subject, answered);
  const room = readBackupSpace(subject, answered, databases);
  const found = [...new Set(Object.values(series).flat())];
  const unnamed = unnamedProjects(subject, releases);
  return {
    cloud: cloud.name,
    environment: cloud.environment,
    series,
    hosts,
    unnamed,
    silent: Object.entries(answer).flatMap(([host, said]) =>
      'problem' in said ? [{ host, ...said.problem }] : [],
    ),
    databases,
    ...(room && { room }),
    memcached: answersAbout(answered, 'memcached').map(({ host, topic, outputs: [said] }) => ({
      from: host,
      address: `${topic.address}:${topic.port}`,
      ...(said?.exit === 0 && { answer: said.stdout.trim() }),
    })),
    backends: backendsSeen(subject, answered),
    cron: cronSeen(answered),
    ...readChecks({ ...subject, series: found, now }, answered, unnamedFindings(subject, unnamed)),
    ages: knowledge.series.filter(({ name }) => found.includes(name)).map((one) => ageOn(one, now)),
    configFiles: Object.fromEntries(
      Object.entries(configFiles).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    problems: problemsOf(answered),
  };
}

function ageOn(known: KnownRelease, now: string): Inspection['ages'][number] {
  const { name, release, endOfLife } = known;
  return {
    name,
    status: statusOn(known, now),
    ...(release !== undefined && { release }),
    ...(endOfLife !== undefined && { endOfLife }),
  };
}

type Releases = Readonly<Record<string, readonly InstalledRelease[]>>;

const releasesOf = (
  { knowledge }: InspectionSubject,
  answered: readonly AnsweredQuestion[],
): Releases =>
  Object.fromEntries(
    answersAbout(answered, 'packages').map(({ host, outputs: [said] }) => [
      host,
      readInstalledReleases(said?.stdout ?? '', knowledge),
    ]),
  );

type SeriesOf = Inspection['series'];

function hostsSeen(
  subject: InspectionSubject,
  answered: readonly AnsweredQuestion[],
  { releases, series }: { readonly releases: Releases; readonly series: SeriesOf },
): Record<string, InspectedHost> {
  return Object.fromEntries(
    answersAbout(answered, 'packages').map(({ host, outputs }) => {
      const here = answered.filter((one) => one.host === host);
      const list = outputs[0]?.stdout ?? '';
      return [
        host,
        {
          os: readOsName(answersAbout(here, 'os')[0]?.outputs[0]),
          releases: releases[host] ?? [],
          unfinished: readUnfinishedPackages(list, subject.knowledge),
          units: answersAbout(here, 'unit').map((one) => unitSeen(subject, one, series)),
        },
      ];
    }),
  );
}

function unitSeen(
  { manager, chosen }: InspectionSubject,
  { topic: { service, name }, outputs }: AnsweredQuestion<Extract<InspectionTopic, { of: 'unit' }>>,
  series: SeriesOf,
): InspectedUnit {
  const isExpected = chosen.some(({ known }) =>
    (series[known.name] ?? []).some((one) =>
      Object.values(known.series[one]?.parts ?? {}).some(({ units }) => units.includes(name)),
    ),
  );
  try {
    const { active, detail } = manager.parse(outputs, { name, state: 'stopped' });
    return { service, name, active, detail, isExpected };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const isMissing = outputs.some(({ stdout }) => /^LoadState=not-found$/m.test(stdout));
    return {
      service,
      name,
      active: 'absent',
      detail: '',
      ...(isMissing && { isMissing }),
      isExpected,
    };
  }
}

/** By the packages of the service's own project; clients and libraries move for themselves. */
function seriesOf({ chosen }: InspectionSubject, releases: readonly InstalledRelease[]): SeriesOf {
  return Object.fromEntries(
    chosen.map(({ known }): [string, ReleaseName[]] => {
      const found = releases.flatMap(({ project, series }) =>
        project === known.name && series !== undefined ? [series] : [],
      );
      return [known.name, releaseNames.filter((series) => found.includes(series))];
    }),
  );
}

function backendsSeen(
  { services }: InspectionSubject,
  answered: readonly AnsweredQuestion[],
): InspectedBackend[] {
  return answersAbout(answered, 'backends').flatMap(({ host, outputs: [said] }) => {
    if (said?.exit !== 0) return [];
    const rows = csv(said.stdout);
    return (services.loadBalancer?.backends ?? []).map(({ name }) => ({
      host,
      name,
      servers: rows
        .filter(
          (row) => row['pxname'] === name && !['FRONTEND', 'BACKEND'].includes(row['svname'] ?? ''),
        )
        .map((row) => ({
          name: row['svname'] ?? '',
          status: row['status'] ?? '',
          sessions: Number(row['scur'] ?? 0),
        })),
    }));
  });
}

/** HAProxy quotes nothing in the columns that are read here. */
function csv(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const names = head.replace(/^# /, '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

function cronSeen(answered: readonly AnsweredQuestion[]): Inspection['cron'] {
  return answersAbout(answered, 'cron').flatMap(({ host, topic, outputs: [own, system] }) =>
    [
      { where: `crontab of ${topic.user}`, text: own?.stdout ?? '' },
      { where: '/etc/crontab or /etc/cron.d', text: system?.stdout ?? '' },
    ].flatMap(({ where, text }) =>
      text
        .split('\n')
        .filter((line) => line.includes(topic.match) && !line.trimStart().startsWith('#'))
        .map((line) => ({ host, where, line })),
    ),
  );
}

const asking: Partial<Readonly<Record<InspectionTopic['of'], string>>> = {
  os: 'the operating system',
  packages: 'the packages',
  room: 'the free disk space',
  sizes: 'the sizes of the databases',
  backends: 'the load balancer',
};

function problemsOf(answered: readonly AnsweredQuestion[]): Inspection['problems'] {
  return answered.flatMap(({ host, topic, outputs: [said] }) => {
    const what = asking[topic.of];
    return what === undefined || said?.exit === 0 ? [] : [{ host, what, why: failureText(said) }];
  });
}
