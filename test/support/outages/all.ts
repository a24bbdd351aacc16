import { hostOutages } from './of-hosts.ts';
import { redisOutages } from './of-redis.ts';
import { slackOutages } from './of-slack.ts';
import type { Outages } from './outage.ts';

/** Each way in which an edge of the product fails here, and stays so. */
export const outages: Outages = { ...redisOutages, ...slackOutages, ...hostOutages };
