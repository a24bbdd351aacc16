import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDir } from '../lab.ts';

/** How an API answered while it was asked four times a second. */
export interface ApiAvailability {
  readonly api: string;
  readonly asked: number;
  /** Seconds in which it did not answer, all together and at a stretch: from the first question without an answer to the next one with one. */
  readonly downSeconds: number;
  readonly longestSeconds: number;
  /** Each time without an answer, by the clock; ms. */
  readonly gaps: readonly ApiGap[];
}

export interface ApiGap {
  readonly from: number;
  readonly to: number;
}

const ports: Readonly<Record<string, number>> = {
  keystone: 5000,
  'keystone of the services': 35357,
  glance: 9292,
  placement: 8778,
  nova: 8774,
  neutron: 9696,
  cinder: 8776,
  heat: 8004,
};

const everyMs = 250;
/** On a busy machine an API that serves may take seconds: the balancer says that it is up. */
const patienceMs = 10_000;

/**
 * Asks each API behind the balancer at `address` by TLS for its versions, until it is stopped. Says when one does not answer,
 * and when it does again: a play that is cut short has its figures all the same.
 */
export async function watchApis(
  address: string,
  say: (line: string) => void,
): Promise<{ stop: (frozen?: readonly ApiGap[]) => Promise<ApiAvailability[]> }> {
  const ca = await readFile(join(labDir, 'keys', 'ca.crt'));
  const agent = new Agent({ ca, keepAlive: true, servername: 'api.lab' });
  const ending = new AbortController();
  const watching = Object.entries(ports).map(async ([api, port]) => {
    const answers: AnswerAt[] = [];
    let since: number | undefined;
    for (
      let next = Date.now();
      !ending.signal.aborted;
      next = Math.max(next + everyMs, Date.now())
    ) {
      await sleep(next - Date.now());
      const at = Date.now();
      const isThere = await isAnswered(agent, address, port);
      answers.push({ at, until: Date.now(), isThere });
      if (!isThere) since ??= at;
      else if (since !== undefined) {
        say(
          `  ${api} answers, after ${(at - since) / 1000} s from ${new Date(since).toISOString()}`,
        );
        since = undefined;
      }
    }
    return { api, answers };
  });
  return {
    stop: async (frozen = []) => {
      ending.abort();
      const all = await Promise.all(watching).finally(() => agent.destroy());
      return all.map(({ api, answers }) => availabilityOf(api, answers, frozen));
    },
  };
}

/** Whether the API behind TLS lists its versions. */
export const isAnswered = (agent: Agent, host: string, port: number): Promise<boolean> =>
  new Promise((done) => {
    const headers = { host: 'api.lab' };
    const asked = request(
      { agent, host, port, path: '/', timeout: patienceMs, headers },
      (answer) => {
        answer.resume();
        // A list of versions comes with 300.
        answer.on('end', () => done([200, 300].includes(answer.statusCode ?? 0)));
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => done(false));
    // An answer that breaks off ends neither well nor with an error of what was asked.
    asked.on('close', () => done(false));
    asked.end();
  });

interface AnswerAt {
  readonly at: number;
  readonly until: number;
  readonly isThere: boolean;
}

/** What was asked while all hosts were `frozen` says nothing of the API. */
export function availabilityOf(
  api: string,
  answers: readonly AnswerAt[],
  frozen: readonly ApiGap[] = [],
): ApiAvailability {
  const gaps: ApiGap[] = [];
  let since: number | undefined;
  const told = answers.map(({ at, until, isThere }) => ({
    at,
    isThere: isThere || frozen.some(({ from, to }) => at <= to && from <= until),
  }));
  for (const { at, isThere } of [...told, { at: answers.at(-1)?.at ?? 0, isThere: true }]) {
    if (!isThere) since ??= at;
    else if (since !== undefined) {
      gaps.push({ from: since, to: at });
      since = undefined;
    }
  }
  const seconds = (ms: number): number => Math.round(ms / 100) / 10;
  return {
    api,
    asked: answers.length,
    downSeconds: seconds(gaps.reduce((sum, { from, to }) => sum + to - from, 0)),
    longestSeconds: seconds(Math.max(0, ...gaps.map(({ from, to }) => to - from))),
    gaps,
  };
}
