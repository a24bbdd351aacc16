import type { Redis } from 'ioredis';
import { z } from 'zod';
import { Command } from '../../handlers/contract/command.ts';
import { HostTarget } from '../files/cloud.ts';
import { type Seal, openedText, sealedText } from './seal/seal.ts';

/** Read-only commands for hosts, outside any run. */
export const InspectRequest = z.strictObject({
  become: z.boolean(),
  hosts: z.record(z.string(), z.strictObject({ target: HostTarget, commands: z.array(Command) })),
});
export type InspectRequest = z.infer<typeof InspectRequest>;

const HostAnswer = z.union([
  /** In the order of the commands. */
  z.strictObject({
    outputs: z.array(z.strictObject({ exit: z.int(), stdout: z.string(), stderr: z.string() })),
  }),
  z.strictObject({ problem: z.strictObject({ message: z.string(), hint: z.string() }) }),
]);

/** What each host answered, or why it did not: one silent host does not hide the others. */
export const InspectAnswer = z.record(z.string(), HostAnswer);
export type InspectAnswer = z.infer<typeof InspectAnswer>;

/** How long an answer waits for whoever asked, who may die and ask again. */
const answerSeconds = 300;

const answerKey = (id: string): string => `hopscotch:look:${id}`;

/** What is asked of hosts may hold secrets, and what they answer does: neither stands in a job as it is. */
export const sealedInspection = (seal: Seal, id: string, request: InspectRequest): string =>
  sealedText(seal, JSON.stringify(request), `look ${id} request`);

/** Throws for what another key sealed: then bot and worker do not share one. */
export const openedInspection = (seal: Seal, id: string, sealed: string): InspectRequest =>
  InspectRequest.parse(JSON.parse(openedText(seal, sealed, `look ${id} request`) ?? ''));

/** An answer in a key of its own: what a job answers stands in BullMQ's stream of events for long. */
export async function keepAnswer(
  { redis, seal }: { readonly redis: Redis; readonly seal: Seal },
  id: string,
  answer: InspectAnswer,
): Promise<void> {
  const sealed = sealedText(seal, JSON.stringify(answer), `look ${id} answer`);
  await redis.set(answerKey(id), sealed, 'EX', answerSeconds);
}

/** Undefined where there is none, or none that makes sense. */
export async function keptAnswer(
  { redis, seal }: { readonly redis: Redis; readonly seal: Seal },
  id: string,
): Promise<InspectAnswer | undefined> {
  const sealed = await redis.get(answerKey(id));
  const text = sealed === null ? undefined : openedText(seal, sealed, `look ${id} answer`);
  return text === undefined ? undefined : InspectAnswer.safeParse(JSON.parse(text)).data;
}

export async function dropAnswer(redis: Pick<Redis, 'del'>, id: string): Promise<void> {
  await redis.del(answerKey(id));
}
