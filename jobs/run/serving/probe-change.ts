import { z } from 'zod';

/** The name of the canary instance among what is probed; an API has the name of its service. */
export const canaryProbe = 'canary';

/** That something which is probed answers, does so no more, or could not be probed. */
export const ProbeChange = z.strictObject({
  probe: z.string(),
  is: z.enum(['up', 'down', 'notProbed']),
  since: z.iso.datetime(),
  /** Why it counts as down, or could not be probed: a status, or the code of an error. */
  why: z.string().exactOptional(),
  /** How long it was down until now and since the last change, measured by a clock that nobody sets. */
  downMs: z.int().min(0).exactOptional(),
});
export type ProbeChange = z.infer<typeof ProbeChange>;

/** Something that is probed, as it was when it was last heard of. */
export interface ProbedThing extends Pick<ProbeChange, 'is' | 'since' | 'why'> {
  /** All outages that are over, together. */
  readonly downMs: number;
  /** A person lets the run go on while this one is down. */
  readonly isAccepted?: true;
}

/** What is known of how the cloud serves, by what is probed. */
export interface ServingState {
  readonly probes: Readonly<Record<string, ProbedThing>>;
  /** What was said to stay up, does not, and people were told of; absent once all of it answers again. */
  readonly breach?: { readonly at: string; readonly probes: readonly string[] };
}

/** What an approval said of what users feel: whatever it does not name stays up. */
export const PromisedServing = z.strictObject({
  /** Every service that it speaks of. */
  services: z.array(z.string()),
  /** Which API is down, from the step that ends it to the one that brings it back, if one does. */
  outages: z.array(
    z.strictObject({ service: z.string(), from: z.string(), to: z.string().exactOptional() }),
  ),
  /** Whether instances keep running and keep their network throughout. */
  instances: z.boolean(),
});
export type PromisedServing = z.infer<typeof PromisedServing>;
