import { z } from 'zod';
import { aptGetLine, takeUpJournalCommand } from './apt-get.ts';
import { command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { arePackagesBack, packagesProbe, PackageState, readPackages } from './state.ts';
import { undoPackages } from './undo.ts';
import { repairShell, foreignPackagesAwk } from './scripts/embedded.ts';

const Params = z.strictObject({
  series: z.string().min(1).describe('The one release whose packages may stay.'),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/, 'expected a name such as nova'))
    .min(1)
    .describe(
      'The packages of OpenStack that are looked at: nova means nova-api, python-nova and python-novaclient, too.',
    ),
  notFrom: z
    .array(z.string().regex(/^[A-Za-z0-9./_:~-]+$/, 'expected such as trusty-updates/liberty'))
    .default([])
    .describe(
      'Archives whose packages do not count, such as trusty-updates/liberty. Best is a host that has but one archive.',
    ),
});
type Params = z.infer<typeof Params>;

const Before = z.strictObject({
  packages: PackageState,
  /** What the step is going to do, a line for each package. */
  proposed: z.array(z.string()),
});

/**
 * Brings a host whose packages are of several releases back to one. A version that no archive of the host offers is
 * foreign: it makes way for the one that an archive offers, or the package goes. What apt would do beyond that is shown
 * with it, since apt itself is asked. `undo` leads back to the versions of before as far as they can still be had.
 */
export const packageRepairHandler = defineHandler({
  kind: 'package-repair',
  params: Params,
  before: Before,
  timeoutMs: 30 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => [...packagesProbe([]), command(repair('show', params))],
  parse: readBefore,
  isDone: (_params, { packages, proposed }) =>
    proposed.length === 0 && Object.keys(packages.unfinished).length === 0,
  apply: (params) => [takeUpJournalCommand, command(repair('do', params))],
  undo: (_params, before, now) => undoPackages(before.packages, now.packages),
  isRestored: (_params, before, now) => arePackagesBack(before.packages, now.packages),
  does: ({ series, packages }) =>
    deedOn(`bring the packages of ${packages.join(', ')} back to ${series}`, 'package', packages),
  changes: ({ series }, { packages, proposed }) =>
    [
      ...Object.entries(packages.unfinished).map(
        ([name, status]) => `${name}: dpkg calls it unfinished (${status})`,
      ),
      ...proposed,
      ...(proposed.length === 0
        ? []
        : [
            `no archive but that of ${series} is asked, so it may be impossible to go back to versions of another`,
          ]),
    ].join('\n'),
});

const pattern = ({ packages }: Params): string =>
  `(^|[.-])(${packages.map((name) => name.replaceAll(/[.+]/g, '[$&]')).join('|')})`;

const repair = (mode: 'show' | 'do', params: Params): string[] => {
  const notFrom = params.notFrom.map((text) => text.replaceAll('.', '[.]')).join('|');
  return [
    'sh',
    '-c',
    repairShell,
    'sh',
    mode,
    foreignPackagesAwk,
    pattern(params),
    notFrom,
    ...aptGetLine,
  ];
};

function readBefore(outputs: readonly CommandOutput[], params: Params): z.infer<typeof Before> {
  const { series } = params;
  const packages = readPackages(outputs.slice(0, 4));
  const lines = (outputs[4]?.stdout ?? '').split('\n').filter((line) => line !== '');
  const refused = lines.filter((line) => line.startsWith('E: '));
  if (refused.length > 0)
    throw new OperatorError(
      `asking apt how to bring the packages back to ${series}: ${refused.join(' ')}`,
      {
        name: 'RepairImpossible',
        hint: `See that the host has the archive of ${series}, and no other release's; then look at: apt-get -f --simulate install`,
      },
    );
  refuseAllGone(params, packages, lines);
  return { packages, proposed: lines.map((line) => proposal(line, packages)) };
}

/** An archive that offers none of them is missing, or its list is: to remove them all mends no host. */
function refuseAllGone(
  params: Params,
  { installed }: PackageState,
  lines: readonly string[],
): void {
  const looked = new RegExp(pattern(params), 'u');
  const names = Object.keys(installed).filter((name) => looked.test(name));
  const isGone = (name: string): boolean => lines.includes(`remove ${name}`);
  if (names.length === 0 || !names.every(isGone)) return;
  throw new OperatorError(
    `asking apt how to bring the packages back to ${params.series}: no archive of the host offers any of them, and they would all be removed`,
    {
      name: 'RepairImpossible',
      hint: `Give the host the archive of ${params.series}, and run apt-get update.`,
    },
  );
}

function proposal(line: string, { installed }: PackageState): string {
  const [verb = '', name = '', version = ''] = line.split(' ');
  const from = installed[name] ?? 'not installed';
  if (verb === 'remove') return `${name}: ${from} -> removed, as no archive offers it`;
  if (verb === 'Remv') return `${name}: ${from} -> removed, as apt finds no place for it`;
  return `${name}: ${from} -> ${version}${verb === 'install' ? '' : ', as others need it'}`;
}

// Neither holds single quotes, so that they read the same once they are quoted.
