import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { Press } from '../../actions/press.ts';
import type { Message } from '../../views/blocks.ts';
import { type ListedCloud, cloudList } from '../../views/cloud-list.ts';
import type { CloudDesk } from '../desk.ts';
import { mayRead } from '../rights.ts';

/** The clouds that a person may look at, and every runbook. */
export async function answerClouds({ user }: Press, desk: CloudDesk): Promise<Message> {
  const names = await desk.listClouds();
  const found = await Promise.all(names.map((name) => listed(name, user, desk)));
  const own = found.filter((one) => one !== undefined);
  const runbooks = await desk.listRunbooks();
  return cloudList({ clouds: own, hidden: found.length - own.length, runbooks });
}

/** Undefined for a cloud that is not this person's. */
async function listed(
  name: string,
  user: string,
  { loadCloud, access }: CloudDesk,
): Promise<ListedCloud | undefined> {
  try {
    const { series, environment, hosts, access: lists } = await loadCloud(name);
    if (!mayRead(await access.rightsOf(user, lists))) return undefined;
    return {
      name,
      environment,
      hosts: Object.keys(hosts).length,
      ...(series === undefined ? {} : { release: series }),
    };
  } catch (error) {
    if (error instanceof OperatorError) return { name, problem: error.message };
    throw error;
  }
}
