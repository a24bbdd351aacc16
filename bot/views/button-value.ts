import { z } from 'zod';

/**
 * What a button carries, as JSON. `seen` is the mark of the state that drew it; `step` and `host` are for the output,
 * `choice` names a fix.
 */
export const ButtonValue = z.object({
  run: z.string(),
  seen: z.string(),
  step: z.string().optional(),
  host: z.string().optional(),
  choice: z.string().optional(),
});
export type ButtonValue = z.infer<typeof ButtonValue>;
