import { z } from 'zod';

const path = z.string().regex(/^(\/[^/\0\n]+)+$/, 'expected an absolute path');

export const ConfigReport = z.strictObject({
  service: z.string(),
  unit: z.string().min(1),
  manager: z.enum(['systemd', 'sysv']),
  config: path.describe('The file whose [DEFAULT] debug is on for this one start.'),
  log: path,
});

/** What the step kinds of an OpenStack upgrade take, beside the kinds that any runbook may use. */
export const stepParams: Readonly<Record<string, z.ZodType>> = {
  'config-report': ConfigReport,
};
