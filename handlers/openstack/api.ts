import { z } from 'zod';
import type { Command, CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { OptionFilePath } from '../databases/mysql.ts';
import { pythonCommand } from '../contract/python.ts';
import { apiPython } from './scripts/embedded.ts';

export const OpenRc = OptionFilePath.describe(
  'The file on the host that sets OS_AUTH_URL, OS_USERNAME and so on, as the openstack client takes them. It is read there and nowhere else.',
);

export const Seconds = z.int('write seconds as a number, such as 300').min(1).max(86_400);

/** Who asks the APIs of a cloud, and how long the whole may take. */
export interface ApiRequest {
  readonly openrc: string;
  readonly timeout: number;
}

/**
 * Runs a script that speaks to the APIs of a cloud: SCRIPT OPENRC PATIENCE ARGUMENT... Credentials are in no argument and in
 * no output. An API that does not answer gets half a minute, as long as a service and the balancer before it take to start.
 */
export const apiCommand = (
  script: string,
  { openrc, timeout }: ApiRequest,
  args: readonly string[] = [],
): Command =>
  pythonCommand(
    script.replace(apiMark, () => apiPython),
    [openrc, String(Math.min(30, timeout)), ...args],
  );

/** Where a script has the client: behind its first line, which says what it is. */
export const apiMark = '#api';

/** The last line that a probe printed, or why the APIs did not answer. */
export function apiAnswer<T>(
  output: CommandOutput | undefined,
  schema: z.ZodType<T>,
): T | { error: string } {
  const line = (output?.stdout ?? '').trim().split('\n').at(-1) ?? '';
  const found: unknown = line === '' ? { error: 'it said nothing' } : JSON.parse(line);
  const failed = ApiFailure.safeParse(found);
  return failed.success ? failed.data : schema.parse(found);
}

export const ApiFailure = z.strictObject({ error: z.string() });

/** Throws what a probe could not find out. */
export function refuseSilence<T extends object>(
  doing: string,
  found: T | z.infer<typeof ApiFailure>,
): asserts found is T {
  if (!('error' in found)) return;
  throw new OperatorError(`${doing}: ${found.error}`, {
    name: 'ApiSilent',
    hint: 'See that the services and the balancer before them answer, and that the openrc file is right; then retry.',
  });
}
