import type { Cloud } from '../../jobs/files/cloud.ts';
import type { InspectAnswer } from '../../jobs/redis/inspect-request.ts';
import { type AnsweredQuestion, answeredQuestions, failureText } from './answers.ts';
import type { CheckFound } from './checks/check.ts';
import { readChecks } from './checks/index.ts';
import type { InspectedHost, Inspection } from './inspection.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { inspectionQuestions } from './questions.ts';
import { type KnownRelease, statusOn } from '../knowledge/releases.ts';
import { inspectionSubject } from './subject.ts';

interface Beside {
  /** Path within the cloud's config directory, and content. */
  readonly configFiles: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly now: string;
}

/** What the answers to an inspection's questions mean. */
export function readInspection(
  cloud: Cloud,
  knowledge: Knowledge,
  answer: InspectAnswer,
  { configFiles, now }: Beside,
): Inspection {
  const subject = inspectionSubject(cloud, knowledge);
  const answered = answeredQuestions(inspectionQuestions(subject), answer);
  const { found, findings, facts } = readChecks({ ...subject, now }, answered);
  const { series = {}, unnamed = [], databases = [], room } = found;
  const { memcached = [], backends = [], cron = [] } = found;
  const releases = [...new Set(Object.values(series).flat())];
  return {
    cloud: cloud.name,
    environment: cloud.environment,
    series,
    hosts: hostsFound(found),
    unnamed,
    silent: Object.entries(answer).flatMap(([host, said]) =>
      'problem' in said ? [{ host, ...said.problem }] : [],
    ),
    databases,
    ...(room && { room }),
    memcached,
    backends,
    cron,
    findings,
    facts,
    ages: knowledge.series
      .filter(({ name }) => releases.includes(name))
      .map((one) => ageOn(one, now)),
    configFiles: Object.fromEntries(
      Object.entries(configFiles).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    problems: problemsOf(answered),
  };
}

const hostsFound = ({ packages = {}, systems = {}, units = {} }: CheckFound) =>
  Object.fromEntries(
    Object.entries(packages).map(([host, installed]): [string, InspectedHost] => [
      host,
      { os: systems[host] ?? '', ...installed, units: units[host] ?? [] },
    ]),
  );

function ageOn(known: KnownRelease, now: string): Inspection['ages'][number] {
  const { name, release, endOfLife } = known;
  return {
    name,
    status: statusOn(known, now),
    ...(release !== undefined && { release }),
    ...(endOfLife !== undefined && { endOfLife }),
  };
}

const problemsOf = (answered: readonly AnsweredQuestion[]): Inspection['problems'] =>
  answered.flatMap(({ host, called, outputs: [said] }) =>
    called === undefined || said?.exit === 0
      ? []
      : [{ host, what: called, why: failureText(said) }],
  );
