import { OperatorError } from '../../../../handlers/contract/errors.ts';
import type { InspectedUnit } from '../../inspection.ts';
import type { InspectionSubject } from '../../subject.ts';
import { type CheckAnswer, checkAbout, type CheckContext } from '../check.ts';

interface Unit {
  readonly service: string;
  readonly name: string;
}

/** Which units of the services run on their hosts, of whatever release. */
export const unitsCheck = checkAbout<Unit>({
  id: 'units',
  ask: (subject) =>
    placedUnits(subject).map(({ host, ...about }) => ({
      host,
      about,
      commands: subject.manager.probe(about.name),
    })),
  read: (said, context) => {
    const units: Record<string, InspectedUnit[]> = {};
    for (const one of said) (units[one.host] ??= []).push(unitOf(one, context));
    return { found: { units } };
  },
});

/** Each unit of a host once. */
function placedUnits({ chosen }: InspectionSubject): (Unit & { readonly host: string })[] {
  const all = chosen.flatMap(({ known, here }) =>
    Object.keys(here.parts).flatMap((part) => {
      const units = Object.values(known.series).flatMap((made) => made.parts[part]?.units ?? []);
      const names = units.filter((name) => !here.without.includes(name));
      return (here.parts[part] ?? []).flatMap((host) =>
        names.map((name) => ({ host, service: known.name, name })),
      );
    }),
  );
  return all.filter(
    ({ host, name }, index) =>
      all.findIndex((other) => other.host === host && other.name === name) === index,
  );
}

function unitOf(
  { about: { service, name }, outputs }: CheckAnswer & { readonly about: Unit },
  { manager, chosen, found }: CheckContext,
): InspectedUnit {
  const isExpected = chosen.some(({ known }) =>
    (found.series?.[known.name] ?? []).some((one) =>
      Object.values(known.series[one]?.parts ?? {}).some(({ units }) => units.includes(name)),
    ),
  );
  try {
    const { active, detail } = manager.parse(outputs, { name, state: 'stopped' });
    return { service, name, active, detail, isExpected };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const isMissing = outputs.some(({ stdout }) => /^LoadState=not-found$/m.test(stdout));
    return {
      service,
      name,
      active: 'absent',
      detail: '',
      ...(isMissing && { isMissing }),
      isExpected,
    };
  }
}
