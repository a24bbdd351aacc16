import { anyExit, command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import type { ServiceRequest, ServiceManager, ServiceState } from './state.ts';
import { restartTogetherShell, startAgainShell } from './scripts/embedded.ts';

const properties = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'InvocationID'];

/** Services as systemd runs them. */
export const systemdManager: ServiceManager = {
  // Without systemd the exit is 1, or 127 without systemctl: `parse` says so in its own words.
  probe: (name) => [
    command(['systemctl', 'show', `--property=${properties.join(',')}`, name], {
      okExits: [...anyExit],
    }),
  ],
  parse: ([output], asked) => {
    if (output?.exit !== 0) throw noSystemd(output, asked.name);
    const { stdout } = output;
    const property = (key: string): string =>
      new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    const state: ServiceState = {
      active: property('ActiveState'),
      detail: property('SubState'),
      boot: property('UnitFileState'),
      run: property('InvocationID'),
    };
    refuse(asked, state, property('LoadState'));
    return state;
  },
  isEnabled: (boot) => boot === 'enabled',
  act: (verb, name) => command(['systemctl', verb, name]),
  startAgain: (name) => command(['sh', '-c', startAgainShell, 'sh', name]),
  // `systemctl start` ends when the unit is up.
  comesUp: () => [],
  // All at once, as some of nova's sleep for minutes at each stop.
  restartRunning: (names) =>
    names.length === 0 ? [] : [command(['sh', '-c', restartTogetherShell, 'sh', ...names])],
  enable: (name, enabled) => [command(['systemctl', enabled ? 'enable' : 'disable', name])],
  putBackBoot: (name, before, now) =>
    before === now
      ? []
      : (ways[before] ?? []).map((words) => command(['systemctl', ...words, name])),
};

/** How to get to a UnitFileState that `enable` and `disable` can lead away from. */
const ways: Readonly<Record<string, readonly (readonly string[])[]>> = {
  enabled: [['enable']],
  disabled: [['disable']],
  'enabled-runtime': [['disable'], ['enable', '--runtime']],
};

function noSystemd(output: CommandOutput | undefined, name: string): OperatorError {
  const said = output?.stderr.trim() || `exit ${output?.exit ?? 'unknown'}`;
  return new OperatorError(`asking systemd for ${name}: ${said}`, {
    name: 'ServiceManagerSilent',
    hint: 'Where systemd does not run, the step needs "manager: sysv".',
  });
}

function refuse(
  { name, state, enabled }: ServiceRequest,
  { boot }: ServiceState,
  load: string,
): void {
  if (load === 'not-found' || load === '')
    throw unusable(name, 'there is no such unit', 'Correct its name, or install it earlier.');
  if (load === 'masked' && state !== 'stopped')
    throw unusable(name, 'it is masked, so it cannot start', `Run: systemctl unmask ${name}`);
  if (load !== 'loaded' && load !== 'masked')
    throw unusable(name, `systemd cannot load it (${load})`, `Look at: systemctl status ${name}`);
  if (enabled !== undefined && !(boot in ways))
    throw unusable(
      name,
      `it is ${boot || 'without a unit file'}, so it can be neither enabled nor disabled`,
      boot === 'generated'
        ? 'It comes from a script in /etc/init.d: use "manager: sysv".'
        : 'Leave "enabled" out.',
    );
}

const unusable = (name: string, why: string, hint: string): OperatorError =>
  new OperatorError(`looking at the service ${name}: ${why}`, { name: 'ServiceUnusable', hint });
