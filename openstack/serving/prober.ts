import { readFile } from 'node:fs/promises';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { canaryProbe, type ServingState } from '../../jobs/run/serving/probe-change.ts';
import type { Found } from './found.ts';
import { openServingLogin } from './login.ts';
import { type OutageMeter, openOutageMeter } from './outages.ts';
import { openApiProbe } from './probe-api.ts';
import { openCanaryProbe } from './probe-canary.ts';
import { codeOf } from './request.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';

export interface ProberTools {
  readonly look: (id: string, request: InspectRequest) => Promise<InspectAnswer>;
  readonly newId: () => string;
  /** Ms of the clock that the log goes by. */
  readonly nowMs: () => number;
  /** Ms of a clock that nobody sets. */
  readonly steadyMs?: () => number;
  /** Between two looks at one API, and at the canary. */
  readonly everyMs?: number;
  readonly canaryEveryMs?: number;
}

/** Looks at all that a cloud's file names, until it is ended. */
export interface Prober {
  readonly meters: ReadonlyMap<string, OutageMeter>;
  readonly end: () => void;
}

/** An API that hangs is asked on: so many questions at a time may be open. */
const mostOpen = 12;
/** Between two logins that no look at keystone takes the place of. */
const loginEveryMs = 2000;

/** `known`: what the log says already, so that nothing is told twice. */
export async function startProber(
  cloud: Cloud,
  known: ServingState['probes'],
  tools: ProberTools,
): Promise<Prober> {
  const { serving } = cloud;
  const { nowMs, steadyMs = () => performance.now(), everyMs = 500, canaryEveryMs = 2000 } = tools;
  const meters = new Map<string, OutageMeter>();
  const ending = new AbortController();
  const watch = (probe: string, ask: Looking['ask'], pace: Looking['pace']): void => {
    const before = known[probe];
    const sinceMs = before && steadyMs() - (nowMs() - Date.parse(before.since));
    const meter = openOutageMeter(before && { is: before.is, sinceMs: sinceMs ?? 0 });
    meters.set(probe, meter);
    void lookOn({ meter, ask, pace, steadyMs }, ending.signal);
  };
  if (serving === undefined) return { meters, end: () => {} };
  const ca = await readCa(serving.ca);
  const problem = typeof ca === 'object' ? ca.why : undefined;
  const trusted = typeof ca === 'string' ? ca : undefined;
  const login = openServingLogin(serving, { ...(trusted !== undefined && { ca: trusted }) });
  const identity = new URL(serving.login.url).host;
  const apis = Object.entries(serving.apis).map(([name, url]) => ({
    name,
    url,
    isIdentity: new URL(url).host === identity && name === 'keystone',
  }));
  for (const { name, ...api } of apis) {
    const timeoutMs = serving.timeoutSeconds * 1000;
    const ask = openApiProbe(api, { login, ca: trusted, timeoutMs });
    const unread: Found = { is: 'notProbed', why: problem ?? '' };
    watch(name, problem === undefined ? ask : async () => unread, { everyMs, mostOpen });
  }
  if (!apis.some(({ isIdentity }) => isIdentity))
    void repeat(() => (login.isDue() ? login.renew() : undefined), loginEveryMs, ending.signal);
  if (serving.canary !== undefined)
    watch(canaryProbe, openCanaryProbe(cloud, serving.canary, tools), {
      everyMs: canaryEveryMs,
      mostOpen: 1,
    });
  return { meters, end: () => ending.abort() };
}

async function readCa(
  path: string | undefined,
): Promise<string | { readonly why: string } | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch((error: unknown) => ({
    why: `reading the certificate in ${path}: ${codeOf(error)}`,
  }));
}

interface Looking {
  readonly meter: OutageMeter;
  readonly ask: () => Promise<Found | undefined>;
  readonly pace: { readonly everyMs: number; readonly mostOpen: number };
  readonly steadyMs: () => number;
}

/** Never more often than its pace; a look that takes long does not hold up the next. */
async function lookOn({ meter, ask, pace, steadyMs }: Looking, ending: AbortSignal): Promise<void> {
  let open = 0;
  const lookOnce = async (): Promise<void> => {
    const startedMs = steadyMs();
    open += 1;
    const found = await ask().finally(() => (open -= 1));
    if (found !== undefined) meter.note({ ...found, startedMs, endedMs: steadyMs() });
  };
  await repeat(
    () => (open < pace.mostOpen ? void lookOnce().catch(() => {}) : undefined),
    pace.everyMs,
    ending,
  );
}

async function repeat(work: () => unknown, everyMs: number, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    const startedMs = performance.now();
    await work();
    await pause(startedMs + everyMs - performance.now(), ending);
  }
}

const pause = (ms: number, ending: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      ending.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(1, ms));
    ending.addEventListener('abort', done);
  });
