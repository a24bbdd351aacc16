import { z } from 'zod';
import { command, UserName } from '../../handlers/contract/command.ts';
import { databasesOf } from '../cloud/databases.ts';
import * as ask from './commands.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { inspectionChecks } from './checks/index.ts';
import { databaseName, mainHosts } from '../plan/context.ts';
import type { BlockedBy, InspectionQuestion } from './question.ts';
import type { InspectionSubject } from './subject.ts';

/** All that inspection asks, always in the same order: the answers come without the questions. */
export function inspectionQuestions(subject: InspectionSubject): InspectionQuestion[] {
  return [
    ...Object.keys(subject.cloud.hosts).flatMap((host) => [
      { host, topic: { of: 'os' } as const, commands: [ask.osReleaseCommand] },
      { host, topic: { of: 'packages' } as const, commands: [ask.listPackagesCommand] },
    ]),
    ...unitQuestions(subject),
    ...databaseQuestions(subject),
    ...backendQuestions(subject),
    ...memcachedQuestions(subject),
    ...cronQuestions(subject),
    ...lookQuestions(subject),
  ];
}

const lookQuestions = (subject: InspectionSubject): InspectionQuestion[] =>
  inspectionChecks.flatMap(({ id, ask: askOf }) =>
    askOf(subject).map(({ host, commands, about }) => ({
      host,
      topic: { of: 'look', look: id, ...(about !== undefined && { about }) },
      commands,
    })),
  );

function unitQuestions(subject: InspectionSubject): InspectionQuestion[] {
  const asked = subject.chosen.flatMap((chosen) =>
    Object.keys(chosen.here.parts).flatMap((part) => {
      const units = Object.values(chosen.known.series).flatMap(
        (made) => made.parts[part]?.units ?? [],
      );
      const names = units.filter((name) => !chosen.here.without.includes(name));
      return (chosen.here.parts[part] ?? []).flatMap((host) =>
        names.map((name) => ({ host, service: chosen.known.name, name })),
      );
    }),
  );
  const isFirst = ({ host, name }: (typeof asked)[number], index: number): boolean =>
    asked.findIndex((other) => other.host === host && other.name === name) === index;
  return asked.filter(isFirst).map(({ host, service, name }) => ({
    host,
    topic: { of: 'unit', service, name },
    commands: subject.manager.probe(name),
  }));
}

function databaseQuestions(subject: InspectionSubject): InspectionQuestion[] {
  const { services, knowledge } = subject;
  const { on, defaultsFile, backups } = services.database;
  const [host] = on;
  const databases = databasesOf(subject).map(({ database }) => database);
  if (host === undefined || databases.length === 0) return [];
  const called = (database: string): string => databaseName(subject, database);
  return [
    { host, topic: { of: 'room' }, commands: [ask.freeSpaceCommand(defaultsFile, backups)] },
    {
      host,
      topic: { of: 'sizes' },
      commands: [ask.databaseSizesCommand(defaultsFile, databases.map(called))],
    },
    ...databases.flatMap((database): InspectionQuestion[] => [
      {
        host,
        topic: { of: 'revision', database },
        commands: ask.revisionCommands(defaultsFile, called(database)),
      },
      ...blockers(knowledge, database).map((blockedBy): InspectionQuestion => ({
        host,
        topic: { of: 'rows', database, blockedBy },
        commands: [ask.sqlQueryCommand(defaultsFile, called(blockedBy.database), blockedBy.query)],
      })),
    ]),
  ];
}

/** Each kind of rows that some sync on the path refuses. */
function blockers({ states }: Knowledge, database: string): BlockedBy[] {
  const all = (states.databases[database] ?? []).flatMap(({ blockedBy }) => blockedBy ?? []);
  return all.filter(
    ({ query }, index) => all.findIndex((other) => other.query === query) === index,
  );
}

function backendQuestions({ services: { loadBalancer } }: InspectionSubject): InspectionQuestion[] {
  if (loadBalancer === undefined) return [];
  return loadBalancer.on.map((host) => ({
    host,
    topic: { of: 'backends' },
    commands: [ask.haproxyStatCommand(loadBalancer.socket)],
  }));
}

/** Asked from where keystone runs: that is who has to reach them. */
function memcachedQuestions(subject: InspectionSubject): InspectionQuestion[] {
  const { cloud, services, chosen } = subject;
  const keystone = chosen.find(({ known }) => known.name === 'keystone');
  if (keystone === undefined) return [];
  return mainHosts(keystone).flatMap((host) =>
    services.memcached.flatMap(({ on, port }) =>
      on.map((name): InspectionQuestion => {
        const address = cloud.hosts[name]?.address ?? name;
        return {
          host,
          topic: { of: 'memcached', address, port },
          commands: [ask.memcachedVersionCommand(address, port)],
        };
      }),
    ),
  );
}

const CronLine = z.looseObject({
  user: UserName,
  match: z.string(),
  state: z.literal('absent'),
});

/** The cron lines that some hop has to remove. */
function cronQuestions(subject: InspectionSubject): InspectionQuestion[] {
  return Object.values(subject.knowledge.steps).flatMap(({ kind, service, part, params }) => {
    const line = CronLine.safeParse(params);
    const chosen = subject.chosen.find(({ known }) => known.name === service);
    if (kind !== 'cron' || !line.success || chosen === undefined) return [];
    const { user, match } = line.data;
    return (chosen.here.parts[part] ?? []).map((host): InspectionQuestion => ({
      host,
      topic: { of: 'cron', user, match },
      commands: [
        command(['crontab', '-u', user, '-l']),
        command(['grep', '-rhsF', '--', match, '/etc/crontab', '/etc/cron.d']),
      ],
    }));
  });
}
