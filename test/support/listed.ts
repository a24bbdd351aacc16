import type { CloudDesk } from '../../bot/desk/desk.ts';

/** Takes the lists of a cloud's file for people, without asking Slack about groups. */
export const listedAccess: CloudDesk['access'] = {
  rightsOf: async (id, { engineers, approvers }) => ({
    id,
    isEngineer: engineers.includes(id),
    isApprover: approvers.includes(id),
    doubts: [],
  }),
};
