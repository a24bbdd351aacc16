import { z } from 'zod';
import { PromisedServing } from './serving/probe-change.ts';

const steps = z.array(z.int().min(1));
/** What a plan is compared with: a rehearsal, what was approved before, or what such steps did on this cloud until now. */
const than = z.enum(['rehearsal', 'approval', 'history']);

/** Something about a plan that people should see before they approve it. Steps go by their numbers on the card. */
export const PlanOddity = z.discriminatedUnion('code', [
  /** There is no rollback from these. */
  z.strictObject({ code: z.literal('oneWay'), steps }),
  z.strictObject({ code: z.literal('added'), steps, says: z.string(), than }),
  z.strictObject({ code: z.literal('missing'), says: z.string(), than }),
  z.strictObject({ code: z.literal('moved'), steps, says: z.string(), than }),
  /** One setting of a step is another one. */
  z.strictObject({
    code: z.literal('changed'),
    steps,
    says: z.string(),
    setting: z.string(),
    was: z.string(),
    is: z.string(),
    than,
  }),
  /** A file gets another content. */
  z.strictObject({ code: z.literal('content'), steps, path: z.string(), than }),
  /** An archive that no other step takes packages from, or none did before. */
  z.strictObject({ code: z.literal('source'), steps, name: z.string() }),
  /** Hosts that go without what the others of their role get. */
  z.strictObject({
    code: z.literal('skipped'),
    hosts: z.array(z.string()).min(1),
    role: z.string(),
    says: z.array(z.string()).min(1),
  }),
]);
export type PlanOddity = z.infer<typeof PlanOddity>;
export type ComparedWith = z.infer<typeof than>;

/** A run that tried the same plan elsewhere. */
export const RehearsedRun = z.strictObject({
  run: z.string(),
  cloud: z.string(),
  at: z.iso.datetime(),
  /** How many steps of the plan it had, and whether it was rolled back from its end. */
  steps: z.int(),
  isRolledBack: z.boolean(),
});
export type RehearsedRun = z.infer<typeof RehearsedRun>;

/** What was known about a plan when its run began, beside the plan itself. */
export const PlanReview = z.strictObject({
  oddities: z.array(PlanOddity),
  rehearsed: RehearsedRun.exactOptional(),
  /** Absent where it is not known, and in logs of older versions. */
  serving: PromisedServing.exactOptional(),
});
export type PlanReview = z.infer<typeof PlanReview>;
