import { type Cloud, mostApprovals } from '../files/cloud.ts';

type Access = Cloud['access'];

/**
 * The most approvals that the cloud asks for of any step, be it one. What its own people take upon them needs so many,
 * such as an upgrade that was not rehearsed.
 */
export const mostApprovalsAsked = ({ approvals }: Pick<Access, 'approvals'>): number =>
  Math.max(...Object.values(approvals));

/**
 * How many people have to agree to what nobody upstream supports: the most that the cloud asks for and, unlike there, two
 * wherever whoever starts the run leaves two approvers.
 */
export function quorumOf({ engineers, approvers, approvals }: Access): number {
  const most = mostApprovalsAsked({ approvals });
  const left = engineers.map((engineer) => mostApprovals({ engineers: [engineer], approvers }));
  return Math.min(...left) >= 2 ? Math.max(2, most) : most;
}
