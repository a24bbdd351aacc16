import type { Logger } from 'pino';
import type { SshEnd } from './errors.ts';

/** A host and the way to it. `host` is its name for people, `key` and `knownHosts` are paths. */
export interface SshTarget extends SshEnd {
  readonly bastion?: {
    readonly address: string;
    readonly port: number;
    readonly user: string;
    readonly key: string;
  };
}

export interface SshOptions {
  readonly log?: Pick<Logger, 'debug'>;
  /** How often a silent connection is asked for life; three unanswered questions end it. */
  readonly keepaliveMs?: number;
  readonly connectTimeoutMs?: number;
  readonly maxHandshakes?: number;
}
