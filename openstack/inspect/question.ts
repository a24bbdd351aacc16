import type { Command } from '../../handlers/contract/command.ts';
import type { SchemaState } from '../knowledge/schemas.ts';

/** What an answer is about. */
export type InspectionTopic =
  | { readonly of: 'os' | 'packages' | 'room' | 'sizes' | 'backends' }
  | { readonly of: 'unit'; readonly service: string; readonly name: string }
  | { readonly of: 'revision'; readonly database: string }
  | { readonly of: 'rows'; readonly database: string; readonly blockedBy: BlockedBy }
  | { readonly of: 'memcached'; readonly address: string; readonly port: number }
  | { readonly of: 'cron'; readonly user: string; readonly match: string }
  | { readonly of: 'look'; readonly look: string; readonly about?: string };

export type BlockedBy = NonNullable<SchemaState['blockedBy']>;

/** Read-only commands for one host, whose answers belong together. */
export interface InspectionQuestion {
  readonly host: string;
  readonly topic: InspectionTopic;
  readonly commands: readonly Command[];
}
