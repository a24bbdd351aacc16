import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Command, CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import {
  fileBytes,
  FilePath,
  maskedChange,
  putFileBack,
  withHiddenInput,
} from '../files/change.ts';
import { FileState, fileProbe, readFileState } from '../files/state.ts';
import { defineHandler } from '../contract/handler.ts';
import type { OptionEdit } from '../files/ini-edit.ts';
import { editedIniBytes, editIniFile } from '../files/ini-file.ts';
import { isServiceRunning, serviceManagers, ServiceName } from '../services/service.ts';
import { ServiceState } from '../services/state.ts';

const Params = z.strictObject({
  paths: z
    .array(FilePath)
    .min(1)
    .refine((paths) => new Set(paths).size === paths.length, 'names a file twice')
    .default(['/etc/nova/nova.conf'])
    .describe('The configuration files whose [upgrade_levels] compute is set.'),
  level: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.]*$/, 'expected auto, off, or a release such as zed or 6.1')
    .describe(
      'auto: what the oldest compute service understands. off: the option is taken away. Else: a release, or a version.',
    ),
  units: z
    .array(ServiceName)
    .default([])
    .describe('Services that read it, restarted where they run, by systemd all at once.'),
  restart: z
    .boolean()
    .default(true)
    .describe(
      'false: later steps start them. Rolling back restarts those that started since, as they have read it.',
    ),
  manager: z
    .enum(['systemd', 'sysv'])
    .default('systemd')
    .describe('sysv: by its script in /etc/init.d, on a host without systemd.'),
});
type Params = z.infer<typeof Params>;

const Before = z.strictObject({
  files: z.array(FileState),
  units: z.array(ServiceState),
});

/**
 * Says to Nova's services which messages they may send to computes of an older release, while computes of two releases run.
 * Services read that when they start, so those that run are restarted, unless later steps do it. `undo` puts the files back
 * byte for byte, and restarts what started since.
 */
export const novaPinHandler = defineHandler({
  kind: 'nova-pin',
  params: Params,
  before: Before,
  timeoutMs: 15 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ paths, units, manager }) => [
    ...paths.map((path) => fileProbe(path)),
    ...units.flatMap((unit) => serviceManagers[manager].probe(unit)),
  ],
  parse: (outputs, params) => ({
    files: params.paths.map((path, index) => readFileState(outputs[index], path)),
    units: readUnits(outputs.slice(params.paths.length), params),
  }),
  // What a service read when it started is nowhere to be seen, so only a restart after the change proves it.
  isDone: (params, found, before) => {
    refuseAbsent(params, found.files);
    const isSet = found.files.every((file) => isPinned(params, file));
    if (!params.restart || params.units.length === 0) return isSet;
    if (before === undefined) return isSet ? undefined : false;
    return isSet && before.units.every((unit, index) => isBackUp(unit, found.units[index]));
  },
  apply: (params) => [
    ...params.paths.map((path) => editIniFile(path, [editOf(params)])),
    ...(params.restart ? restarts(params, params.units) : []),
  ],
  undo: (params, before, now) => {
    const files = params.paths.flatMap((path, index) => {
      const [was, is] = [before.files[index], now.files[index]];
      if (was === undefined || is === undefined) return [];
      const content = pinned(params, was);
      return putFileBack({ path, content }, was, is).map(withHiddenInput);
    });
    const readers = params.units.filter(
      (_unit, index) => !isSameRun(before.units[index], now.units[index]),
    );
    return files.length === 0 ? [] : [...files, ...restarts(params, readers)];
  },
  isRestored: (_params, before, now) =>
    isDeepStrictEqual(before.files, now.files) &&
    before.units.every((unit, index) => isServiceRunning(unit) !== true || isUp(now.units[index])),
  does: ({ paths, level, units, restart }) => ({
    says: [
      level === 'off' ? "unpin nova's RPC version" : `pin nova's RPC version (${level})`,
      ...(restart && units.length > 0 ? [`restart ${units.join(', ')}`] : []),
    ].join(', '),
    changes: [
      ...paths.map((name) => ({ what: 'write', name }) as const),
      ...(restart ? units : []).map((name) => ({ what: 'restart', name }) as const),
    ],
  }),
  changes: (params, before) =>
    [
      ...params.paths.map((path, index) => {
        const was = before.files[index];
        const bytes = was && fileBytes(was);
        return was === undefined || bytes === undefined
          ? ''
          : maskedChange(path, bytes, pinned(params, was));
      }),
      ...params.units
        .filter((_unit, index) => params.restart && isUp(before.units[index]))
        .map((unit) => `${unit}: restarted`),
    ]
      .filter((line) => line !== '')
      .join('\n'),
});

const editOf = ({ level }: Params): OptionEdit => ({
  section: 'upgrade_levels',
  option: 'compute',
  values: level === 'off' ? [] : [level],
});

function pinned(params: Params, state: FileState): Buffer | undefined {
  const bytes = fileBytes(state);
  return bytes && editedIniBytes([editOf(params)], bytes);
}

const isPinned = (params: Params, state: FileState): boolean =>
  fileBytes(state)?.equals(pinned(params, state) ?? Buffer.alloc(0)) ?? false;

function refuseAbsent({ paths }: Params, files: readonly FileState[]): void {
  const index = files.findIndex(({ type }) => type === 'absent');
  if (index === -1) return;
  throw new OperatorError(`pinning Nova's messages in ${paths[index]}: there is no such file`, {
    name: 'NotAFile',
    hint: 'Name the configuration that the services of this host read.',
  });
}

const isUp = (unit: ServiceState | undefined): boolean =>
  unit !== undefined && isServiceRunning(unit) === true;

/** Whether a service that ran has been restarted since, where its manager tells one run from another. */
const isBackUp = (before: ServiceState, now: ServiceState | undefined): boolean =>
  !isUp(before) || (isUp(now) && (before.run === '' || before.run !== now?.run));

/** Whether it goes on since before the step, and so has not read the file; false where its manager does not tell. */
const isSameRun = (before: ServiceState | undefined, now: ServiceState | undefined): boolean =>
  before !== undefined && before.run !== '' && before.run === now?.run;

/** Of those that run: what does not run reads its configuration when it starts. */
const restarts = ({ manager }: Params, units: readonly string[]): readonly Command[] =>
  serviceManagers[manager].restartRunning(units);

function readUnits(
  outputs: readonly CommandOutput[],
  { units, restart, manager }: Params,
): ServiceState[] {
  const { probe, parse } = serviceManagers[manager];
  const rest = [...outputs];
  // A masked one stays down, which only a restart minds.
  const state = restart ? 'restarted' : 'stopped';
  return units.map((name) => parse(rest.splice(0, probe(name).length), { name, state }));
}
