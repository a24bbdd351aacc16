import { type SshLine, dial } from './dial.ts';
import { type Credentials, handshake, reasonOf } from './handshake.ts';
import { type RefusedChannel, forwardRefusalOf } from './channel-refusals.ts';
import { sshRefusalOf } from './refusals.ts';
import type { Pauses } from './pauses.ts';
import type { SshOptions } from './target.ts';
import type { Client, ClientChannel } from 'ssh2';
import { type SshEnd, hostUnreachable, refusedBy, sshEndText } from './errors.ts';

/** One authenticated connection. */
export interface SshLink {
  readonly client: Client;
  /** The fingerprint of the key that the host showed, as `ssh-keygen -l` prints it. */
  hostKey: string;
  /** Channels in use or being opened. */
  taken: number;
  /** Channels that the host gave so far. */
  opened: number;
  /** How many channels the host gives on one connection: MaxSessions of sshd_config, 10 unless it refuses earlier. */
  limit: number;
  /** Whether nobody may take it any more; it ends when it is given back by those who have it. */
  isRetired: boolean;
  isEnded: boolean;
  /** What ended it, for people. */
  why: () => string;
  ended: Promise<void>;
}

export interface LoginOptions extends Pick<SshOptions, 'log' | 'keepaliveMs' | 'connectTimeoutMs'> {
  readonly pauses: Pauses;
  /** Fires when this process shuts down. */
  readonly signal: AbortSignal;
  /** Is told of a connection as soon as there is one, before anybody knows whether the host takes it. */
  readonly onLink: (link: SshLink) => void;
}

export async function dialHost(
  hop: SshEnd,
  { connectTimeoutMs: timeoutMs = usualConnectTimeoutMs, signal }: LoginOptions,
): Promise<SshLine> {
  try {
    return await dial(hop, { timeoutMs, signal });
  } catch (error) {
    if (signal.aborted) throw shuttingDown(hop);
    const refusal = sshRefusalOf({ stage: 'dialling', ...reasonOf(error) }, hop);
    throw refusedBy(hop, refusal, error);
  }
}

const usualConnectTimeoutMs = 20_000;

/** Shakes hands with a host over ways to it that `dialled` opens. A host that refused is left alone for a while. */
export async function logIn(
  hop: SshEnd,
  credentials: Credentials,
  dialled: () => Promise<SshLine>,
  { log, pauses, onLink, ...options }: LoginOptions,
): Promise<SshLink> {
  const { connectTimeoutMs = usualConnectTimeoutMs, keepaliveMs = 10_000 } = options;
  let link: SshLink | undefined;
  const own = (client: Client): void => {
    link = watch(client);
    onLink(link);
  };
  const times = { connectTimeoutMs, keepaliveMs };
  try {
    const hostKey = await handshake(hop, { credentials, dial: dialled, times, watch: own });
    if (link !== undefined) link.hostKey = hostKey;
  } catch (error) {
    pauses.failed(hop, credentials.privateKey, error);
    throw error;
  }
  if (link === undefined) throw new Error('a connection that nobody watches');
  const { ended, why } = link;
  pauses.worked(hop);
  log?.debug({ host: hop.host, address: hop.address }, 'connected');
  void ended.then(() => log?.debug({ host: hop.host, why: why() }, 'disconnected'));
  return link;
}

export const shuttingDown = (hop: SshEnd): Error =>
  hostUnreachable(hop, 'this process is shutting down');

function watch(client: Client): SshLink {
  let why = 'the host closed it';
  const ended = new Promise<void>((resolve) => void client.once('close', () => resolve()));
  const link: SshLink = {
    client,
    hostKey: '',
    taken: 0,
    opened: 0,
    limit: 10,
    isRetired: false,
    isEnded: false,
    why: () => why,
    ended,
  };
  client.on('error', ({ message }) => (why = whyLost(message)));
  client.on('end', () => (link.isEnded = true));
  client.on('close', () => (link.isEnded = true));
  return link;
}

/** In ssh2's own words a host that is silent for 30 s is a "Keepalive timeout". */
const whyLost = (message: string): string =>
  message === 'Keepalive timeout' ? 'the host no longer answers' : message;

export function forward(client: Client, hop: SshEnd, bastion: SshEnd): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const names = { host: hop.host, bastion: sshEndText(bastion) };
      reject(refusedBy(hop, forwardRefusalOf(refusedChannel(error), names), error));
    };
    try {
      client.forwardOut('127.0.0.1', 0, hop.address, hop.port, (error, channel) =>
        error === undefined ? resolve(channel) : fail(error),
      );
    } catch (error) {
      fail(asError(error));
    }
  });
}

/** ssh2 hangs the reason of RFC 4254 on the error. */
export function refusedChannel(error: Error): RefusedChannel {
  const reason = 'reason' in error ? error.reason : undefined;
  return { message: error.message, ...(typeof reason === 'number' ? { reason } : {}) };
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
