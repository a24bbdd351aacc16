import type { Ssh } from '../../ssh/ssh.ts';
import type { SshTarget } from '../../ssh/target.ts';
import { type HelperLink, openHelper } from './helper-link.ts';

interface KnownHelper {
  readonly link: Promise<HelperLink | undefined>;
  /** When a host without one may be asked again. */
  readonly untilMs: () => number;
}

/** Somebody may install Python meanwhile. */
const withoutMs = 600_000;

const known = new WeakMap<Ssh, Map<string, KnownHelper>>();

/** The helper of a host, started once for all who ask. Undefined: it has none, and is talked to in shell. */
export async function helperOn(ssh: Ssh, target: SshTarget): Promise<HelperLink | undefined> {
  const talk = ssh.converse;
  if (talk === undefined) return undefined;
  const helpers = known.get(ssh) ?? new Map<string, KnownHelper>();
  known.set(ssh, helpers);
  const key = JSON.stringify(target, Object.keys({ ...target, ...target.bastion }).toSorted());
  const found = helpers.get(key);
  if (found !== undefined) {
    const link = await found.link;
    const isFit = link === undefined ? performance.now() < found.untilMs() : !link.isOver();
    if (isFit) return link;
    if (helpers.get(key) !== found) return helperOn(ssh, target);
  }
  let untilMs = Infinity;
  const link = openHelper(talk, target);
  const opening: KnownHelper = { link, untilMs: () => untilMs };
  helpers.set(key, opening);
  const forget = (): void => {
    if (helpers.get(key) === opening) helpers.delete(key);
  };
  link.then(() => (untilMs = performance.now() + withoutMs), forget);
  return link;
}
