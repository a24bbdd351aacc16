import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command } from '../contract/command.ts';
import { FilePath } from './change.ts';
import { FileState, fileProbe, readFileState } from './state.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { isServiceRunning, serviceManagers, ServiceName } from '../services/service.ts';
import { ServiceState } from '../services/state.ts';
import { configReportShell } from './scripts/embedded.ts';

const Params = z.strictObject({
  service: z.string().min(1).describe('The service whose options are reported, for people.'),
  unit: ServiceName.describe('What is restarted, such as keystone or apache2.'),
  manager: z
    .enum(['systemd', 'sysv'])
    .default('systemd')
    .describe('sysv: by its script in /etc/init.d, on a host without systemd.'),
  config: FilePath.describe('The file whose [DEFAULT] debug is on for this one start.'),
  log: FilePath.describe('The log that the service writes its warnings to.'),
});

/** `config` is the service's own file; `isLeft`: an attempt was killed while another was in its place. */
const Before = z.strictObject({
  config: FileState,
  isLeft: z.boolean().default(false),
  unit: ServiceState,
});

/**
 * Starts a service once with debug on, prints what its log says about deprecated options since then, and starts it again
 * with its own configuration. It leaves nothing changed: a failure or a signal in between puts the file back, too, and
 * `undo` does after a power cut. A service that did not run is stopped again. An option that the service no longer knows is
 * in no log.
 */
export const configReportHandler = defineHandler({
  kind: 'config-report',
  params: Params,
  before: Before,
  timeoutMs: 10 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ config, unit, manager }) => [
    fileProbe(`${config}.hopscotch-own`),
    fileProbe(config),
    ...serviceManagers[manager].probe(unit),
  ],
  parse: ([own, file, ...unit], params) => ({
    ...fileOf(
      readFileState(own, `${params.config}.hopscotch-own`),
      readFileState(file, params.config),
    ),
    unit: serviceManagers[params.manager].parse(unit, { name: params.unit, state: 'restarted' }),
  }),
  // Before it looks there is nothing to tell; afterwards all has to be as it was.
  isDone: (_params, found, before) => (before === undefined ? undefined : isSame(before, found)),
  apply: ({ service, unit, manager, config, log }) => {
    const act = (verb: 'restart' | 'stop') => serviceManagers[manager].act(verb, unit).words;
    const words = [...act('restart'), '--', ...act('stop'), '--'];
    const [asked] = serviceManagers[manager].probe(unit).slice(manager === 'systemd' ? 0 : 1);
    const status = manager === 'systemd' ? ['systemctl', 'is-active', unit] : (asked?.words ?? []);
    return [
      command(['sh', '-c', configReportShell, 'sh', config, log, service, ...words, ...status]),
    ];
  },
  undo: ({ config, unit, manager }, before, now) => {
    const { act, comesUp } = serviceManagers[manager];
    const isWhole = !now.isLeft && isDeepStrictEqual(before.config, now.config);
    const files = isWhole ? [] : [command(['sh', '-c', bringBack, 'sh', config])];
    const [ran, runs] = [isServiceRunning(before.unit), isServiceRunning(now.unit)];
    if (ran === false) return [...files, ...(runs === false ? [] : [act('stop', unit)])];
    if (files.length > 0) return [...files, act('restart', unit), ...comesUp(unit)];
    return ran === runs ? [] : [act('start', unit), ...comesUp(unit)];
  },
  isRestored: (_params, before, now) => isSame(before, now),
  does: ({ unit, service: name }) =>
    deedOn(
      `restart ${unit} with debug on for ${name}'s deprecated options, then as it is`,
      'restart',
      [unit],
    ),
  changes: ({ unit }, before) =>
    isServiceRunning(before.unit) === false
      ? `${unit}: started once with debug on, then stopped again`
      : `${unit}: restarted with debug on, then restarted as it is`,
});

const fileOf = (own: FileState, file: FileState) =>
  own.type === 'file' ? { config: own, isLeft: true } : { config: file, isLeft: false };

const isSame = (before: z.infer<typeof Before>, now: z.infer<typeof Before>): boolean =>
  !now.isLeft &&
  isDeepStrictEqual(before.config, now.config) &&
  [undefined, isServiceRunning(now.unit)].includes(isServiceRunning(before.unit));

// Without single quotes, so that each reads the same once it is quoted. The old file keeps its inode under another name, so
// that it comes back with all that it is.
/** After a run that could not clean up. A file that somebody else changed stays as it is. */
const bringBack = `[ ! -e "$1.hopscotch-own" ] || mv -f -- "$1.hopscotch-own" "$1" || exit
rm -f -- "$1.hopscotch-debug" "$1.hopscotch-ran"`;
