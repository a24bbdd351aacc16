import { type NetConnectOpts, type Socket, createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { AbstractConnector, type RedisOptions } from 'ioredis';
import { type PrimaryPlace, type Sentinels, openSentinels } from './sentinels.ts';
import type { RedisConnection } from './url.ts';

/** Between two questions to the Sentinels: a connection stays so long with a primary that was replaced. */
const everyMs = 500;

/** A frozen host answers no farewell. */
const farewellMs = 200;

type Way = RedisConnection & Pick<RedisOptions, 'Connector'>;

/**
 * The options of ioredis for this Redis. Behind Sentinel every connection follows the primary wherever it goes; while no
 * Sentinel names one, it asks again, or fails where it is not patient.
 */
export function wayTo(where: RedisConnection, isPatient: boolean): Way {
  if (where.sentinels == null) return where;
  const following = followings.get(where) ?? openFollowing(openSentinels(where));
  followings.set(where, following);
  return { ...where, Connector: primaryConnector(where, following, isPatient) };
}

/** All connections of a process share what they ask the Sentinels. */
const followings = new WeakMap<RedisConnection, Following>();

/**
 * In the place of ioredis' own connector, whose connections stay with a primary that was replaced until that closes them:
 * one that lives takes writes for 10 seconds more, one that is frozen says nothing for ever.
 */
function primaryConnector(
  where: RedisConnection,
  following: Following,
  isPatient: boolean,
): NonNullable<RedisOptions['Connector']> {
  return class extends AbstractConnector {
    place: PrimaryPlace | undefined;

    constructor() {
      super(farewellMs);
    }

    async connect(tell: (type: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      following.add(this);
      try {
        const place = await this.#found(tell);
        this.place = place;
        const stream = opened(where, place);
        stream.once('error', (error) => (this.firstError = error));
        stream.once('close', () => {
          if (this.stream === stream) following.remove(this);
        });
        return (this.stream = stream);
      } catch (error) {
        following.remove(this);
        throw error;
      }
    }

    override disconnect(): void {
      following.remove(this);
      super.disconnect();
    }

    override check({ role }: { role?: string }): boolean {
      return role === undefined || role === 'master';
    }

    async #found(tell: (type: string, error: Error) => void): Promise<PrimaryPlace> {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await following.primary().catch((error: Error) => error);
        // ioredis knows this sentence.
        if (!this.connecting) throw new Error('Connection is closed.');
        if (!(answer instanceof Error)) return answer;
        if (!isPatient) throw answer;
        tell('error', answer);
        await sleep(Math.min(100 * attempt, 1000));
      }
    }
  };
}

function opened(
  { tls, enableTLSForSentinelMode }: RedisConnection,
  { host, port }: PrimaryPlace,
): Socket {
  if (enableTLSForSentinelMode === true && tls !== undefined) {
    const options: ConnectionOptions = { host, port, ...tls };
    return connectTls(options);
  }
  const options: NetConnectOpts = { host, port };
  return createConnection(options);
}

interface Follower {
  /** Where it is; undefined while it looks for that. */
  place: PrimaryPlace | undefined;
  readonly disconnect: () => void;
}

interface Following {
  readonly primary: Sentinels['primary'];
  readonly add: (each: Follower) => void;
  readonly remove: (each: Follower) => void;
}

/** Sends connections away from a place that is the primary's no more. */
function openFollowing(sentinels: Sentinels): Following {
  const all = new Set<Follower>();
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // Whoever looks for a primary says what is wrong with the Sentinels.
    const now = await sentinels.primary().catch(() => undefined);
    if (now === undefined) return;
    for (const each of all) if (isReplaced(each.place, now)) each.disconnect();
  };
  return {
    primary: sentinels.primary,
    add: (each) => {
      each.place = undefined;
      all.add(each);
      timer ??= setInterval(() => void look(), everyMs);
    },
    remove: (each) => {
      all.delete(each);
      if (all.size > 0) return;
      clearInterval(timer);
      timer = undefined;
      sentinels.close();
    },
  };
}

const isReplaced = (place: PrimaryPlace | undefined, now: PrimaryPlace): boolean =>
  place !== undefined &&
  (place.host !== now.host || place.port !== now.port) &&
  now.epoch >= place.epoch;
