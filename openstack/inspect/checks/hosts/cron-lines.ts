import { z } from 'zod';
import { command, UserName } from '../../../../handlers/contract/command.ts';
import { checkAbout } from '../check.ts';

interface Line {
  readonly user: string;
  readonly match: string;
}

/** The cron lines that some hop has to remove. */
export const cronLinesCheck = checkAbout<Line>({
  id: 'cron-lines',
  ask: ({ knowledge, chosen }) =>
    Object.values(knowledge.steps).flatMap(({ kind, service, part, params }) => {
      const line = CronLine.safeParse(params);
      const here = chosen.find(({ known }) => known.name === service)?.here;
      if (kind !== 'cron' || !line.success || here === undefined) return [];
      const { user, match } = line.data;
      return (here.parts[part] ?? []).map((host) => ({
        host,
        about: { user, match },
        commands: [
          command(['crontab', '-u', user, '-l']),
          command(['grep', '-rhsF', '--', match, '/etc/crontab', '/etc/cron.d']),
        ],
      }));
    }),
  read: (said) => ({
    found: {
      cron: said.flatMap(({ host, about, outputs: [own, system] }) =>
        [
          { where: `crontab of ${about.user}`, text: own?.stdout ?? '' },
          { where: '/etc/crontab or /etc/cron.d', text: system?.stdout ?? '' },
        ].flatMap(({ where, text }) =>
          text
            .split('\n')
            .filter((line) => line.includes(about.match) && !line.trimStart().startsWith('#'))
            .map((line) => ({ host, where, line })),
        ),
      ),
    },
  }),
});

const CronLine = z.looseObject({
  user: UserName,
  match: z.string(),
  state: z.literal('absent'),
});
