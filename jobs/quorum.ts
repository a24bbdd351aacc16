import { type Cloud, mostApprovals } from './cloud.ts';

/**
 * How many people have to agree to a risk: the most approvals that the cloud asks for, and two wherever whoever starts
 * the run leaves two approvers.
 */
export function quorumOf({ engineers, approvers, approvals }: Cloud['access']): number {
  const most = Math.max(...Object.values(approvals));
  const left = engineers.map((engineer) => mostApprovals({ engineers: [engineer], approvers }));
  return Math.min(...left) >= 2 ? Math.max(2, most) : most;
}
