import { anyExit, command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { sysvComesUpShell } from './scripts/embedded.ts';
import type { ServiceManager } from './state.ts';

const levels = ['2', '3', '4', '5', 'S'];

/** Services by their scripts in /etc/init.d, and the links that update-rc.d keeps. */
export const sysvManager: ServiceManager = {
  probe: (name) => [
    command(['test', '-x', script(name)], { okExits: [0, 1] }),
    command([script(name), 'status'], { okExits: [...anyExit] }),
    // Exit 1: a directory is missing, and with it the links.
    command(['find', ...levels.map((level) => `/etc/rc${level}.d`), '-name', links(name)], {
      okExits: [0, 1],
    }),
  ],
  parse: ([exists, status, found], { name }) => {
    if (exists?.exit !== 0) throw unusable(name, 'there is no such script', notThere);
    return { ...readStatus(status, name), boot: readLinks(found), run: '' };
  },
  isEnabled: (boot) => boot.includes('start'),
  act: (verb, name) => command([script(name), verb]),
  startAgain: (name) => command([script(name), 'start']),
  comesUp: (name) => [command(['sh', '-c', sysvComesUpShell, 'sh', script(name)])],
  restartRunning: (names) =>
    names.map((name) => command(['sh', '-c', restartRunning, 'sh', script(name)])),
  // `enable` needs links to turn round, and `defaults` leaves those that are there.
  enable: (name, enabled) =>
    enabled ? [update(name, 'defaults'), update(name, 'enable')] : [update(name, 'disable')],
  putBackBoot: (name, before, now) => {
    if (before === now) return [];
    if (before === '') return [command(['update-rc.d', '-f', name, 'remove'])];
    const differing = (way: string): string[] =>
      before.split(' ').flatMap((link) => {
        const [is = '', level = ''] = link.split('-');
        return is === way && !now.split(' ').includes(link) ? [level] : [];
      });
    return [
      ...(now === '' ? [update(name, 'defaults')] : []),
      ...toggled(name, 'enable', differing('start')),
      ...toggled(name, 'disable', differing('stop')),
    ];
  },
};

const script = (name: string): string => `/etc/init.d/${name}`;

const restartRunning = '! "$1" status >/dev/null 2>&1 || "$1" restart';

const links = (name: string): string => `[SK][0-9][0-9]${name}`;

const update = (name: string, ...words: string[]) => command(['update-rc.d', name, ...words]);

const toggled = (name: string, way: 'enable' | 'disable', of: readonly string[]) =>
  of.length === 0 ? [] : [update(name, way, ...of)];

/** What the exit codes of `status` say: https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/iniscrptact.html */
const answers: Readonly<Record<number, { active: string; detail: string }>> = {
  0: { active: 'active', detail: '' },
  1: { active: 'failed', detail: 'dead, its pid file is left' },
  2: { active: 'failed', detail: 'dead, its lock file is left' },
  3: { active: 'inactive', detail: '' },
};

function readStatus(
  output: CommandOutput | undefined,
  name: string,
): { active: string; detail: string } {
  const { exit = -1, stdout = '', stderr = '' } = output ?? {};
  // A script without `status` prints how it is used, and many exit with 3 then.
  if (/^\s*usage:/im.test(`${stdout}\n${stderr}`))
    throw unusable(name, 'its script does not know "status"', noStatus);
  const answer = answers[exit];
  if (answer) return answer;
  throw unusable(name, `"${script(name)} status" ended with exit ${exit}`, noStatus);
}

/** Such as `start-2 start-3 stop-S`; empty when there is no link. */
function readLinks(output: CommandOutput | undefined): string {
  const found = [...(output?.stdout ?? '').matchAll(/^\/etc\/rc(.)\.d\/([SK])/gm)];
  return found
    .map(([, level, letter]) => `${letter === 'S' ? 'start' : 'stop'}-${level}`)
    .toSorted()
    .join(' ');
}

const notThere = 'Correct its name, install it in an earlier step, or use "manager: systemd".';
const noStatus = 'Run it by hand to see; without a usable "status" use a step of kind command.';

const unusable = (name: string, why: string, hint: string): OperatorError =>
  new OperatorError(`looking at the service ${name} in ${script(name)}: ${why}`, {
    name: 'ServiceUnusable',
    hint,
  });
