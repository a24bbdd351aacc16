/** Accounts, as Slack tells of them; only the first is one that may do anything. */
export const accounts: Readonly<Record<string, object>> = {
  fine: {},
  deleted: { deleted: true },
  bot: { is_bot: true },
  guest: { is_restricted: true },
  'single-channel guest': { is_ultra_restricted: true },
  invited: { is_invited_user: true },
  unconfirmed: { is_email_confirmed: false },
  stranger: { is_stranger: true },
  'of another workspace': { team_id: 'T9' },
  'of another workspace, with the name of an approver': {
    team_id: 'T9',
    name: 'ben',
    real_name: 'Ben Approver',
    profile: { display_name: 'ben' },
  },
  'of no workspace': { team_id: undefined },
};
export const silent = 'one that Slack says nothing about';
export const states = [...Object.keys(accounts), silent];

export interface Role {
  readonly isEngineer: boolean;
  readonly isApprover: boolean;
  readonly started?: boolean;
  readonly chose?: boolean;
}
export const roles: Readonly<Record<string, Role>> = {
  nobody: { isEngineer: false, isApprover: false },
  engineer: { isEngineer: true, isApprover: false },
  approver: { isEngineer: false, isApprover: true },
  both: { isEngineer: true, isApprover: true },
  'both, who started it': { isEngineer: true, isApprover: true, started: true },
  'nobody, who started it': { isEngineer: false, isApprover: false, started: true },
  'both, who chose the fix': { isEngineer: true, isApprover: true, chose: true },
};
