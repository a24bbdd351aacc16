import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { RedisRefusal } from '../../jobs/redis/reach/refusals.ts';
import type { Run } from '../../jobs/run/run.ts';
import { mention, oneLineMrkdwn } from '../views/text.ts';

interface Options {
  readonly chat: Pick<WebClient['chat'], 'postMessage'>;
  /** The runs that are under way, as far as Redis still says. */
  readonly activeRuns: () => Promise<readonly Run[]>;
  readonly log: Logger;
  /** A failover and a restart are over sooner: nobody is woken for them. */
  readonly patienceMs?: number;
}

export interface RedisAlarm {
  readonly changed: (trouble: RedisRefusal | undefined) => void;
  readonly close: () => void;
}

/**
 * Tells those whose runs stand still that Redis takes no writes, or may lose what it has. It posts at once and by itself:
 * the outbox keeps what it posts in that very Redis.
 */
export function openRedisAlarm({
  chat,
  activeRuns,
  log,
  patienceMs = 15_000,
}: Options): RedisAlarm {
  let runs: readonly Run[] = [];
  let told: readonly Run[] = [];
  let timer: NodeJS.Timeout | undefined;
  // While Redis can be read: when it can't, the last answer has to do.
  const remember = (): Promise<unknown> =>
    activeRuns()
      .then((found) => (runs = found))
      .catch(() => {});
  const remembering = setInterval(() => void remember(), 30_000);
  void remember();

  const say = async (
    text: (run: readonly Run[]) => string,
    whom: readonly Run[],
  ): Promise<void> => {
    for (const channel of new Set(whom.map(({ plan }) => plan.channel))) {
      const here = whom.filter(({ plan }) => plan.channel === channel);
      await chat
        .postMessage({ channel, text: text(here) })
        .catch((error: unknown) => log.warn({ err: error, channel }, 'an alarm was not posted'));
    }
  };

  return {
    changed: (trouble) => {
      clearTimeout(timer);
      if (trouble === undefined) {
        void say(() => 'Redis is fit again: runs go on by themselves.', told);
        told = [];
        return;
      }
      timer = setTimeout(() => {
        void Promise.race([remember(), soon()]).then(() => {
          told = runs;
          return say((here) => alarmText(trouble, here), runs);
        });
      }, patienceMs);
    },
    close: () => {
      clearTimeout(timer);
      clearInterval(remembering);
    },
  };
}

const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 1000).unref());

export function alarmText({ says, hint }: RedisRefusal, runs: readonly Run[]): string {
  const people = [...new Set(runs.map(({ requestedBy }) => mention(requestedBy)))].join(' ');
  const ids = runs.map(({ id }) => id).join(', ');
  const what = runs.length === 1 ? `run ${ids} stands` : `runs ${ids} stand`;
  // Only the words are escaped: a mention that is wakes nobody.
  const words = `Hopscotch's Redis: ${says}. Until that is mended ${what} still; what runs on hosts goes on. ${hint}`;
  return `${people} ${oneLineMrkdwn(words, 2000)}`;
}
