import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InspectionCheck } from './check.ts';

/**
 * The checks in the rooms of a folder, one a file, by their paths: a new one is listed nowhere. Throws where a file holds
 * none or several, or two have one id.
 */
export async function checksIn(folder: string): Promise<readonly InspectionCheck[]> {
  const paths = readdirSync(folder, { withFileTypes: true })
    .filter((room) => room.isDirectory())
    .flatMap(({ name: room }) => readdirSync(join(folder, room)).map((file) => join(room, file)))
    .filter((path) => /(?<!\.d)\.[jt]s$/.test(path))
    .toSorted();
  const checks: InspectionCheck[] = [];
  for (const path of paths) {
    const module: unknown = await import(pathToFileURL(join(folder, path)).href);
    const [check, ...others] = Object.values(Object(module)).filter(isCheck);
    if (check === undefined || others.length > 0)
      throw new RangeError(`${path} holds ${others.length === 0 ? 'no check' : 'several checks'}`);
    if (checks.some(({ id }) => id === check.id))
      throw new RangeError(`two checks are called ${check.id}`);
    checks.push(check);
  }
  return checks;
}

const isCheck = (value: unknown): value is InspectionCheck =>
  typeof value === 'object' && value !== null && 'id' in value && 'ask' in value && 'read' in value;
