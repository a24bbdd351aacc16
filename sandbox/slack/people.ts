/** The people, the channel and the app of the pretend workspace. Ids never change, so that clouds and tests can name them. */
export interface PretendPerson {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
}

export const pretendPeople = {
  /** Engineer: plans and starts, may not approve what she started. */
  ann: { id: 'U000000ANN', name: 'ann', realName: 'Ann Engineer' },
  /** Approvers. */
  ben: { id: 'U000000BEN', name: 'ben', realName: 'Ben Approver' },
  chie: { id: 'U00000CHIE', name: 'chie', realName: 'Chie Approver' },
  /** In the channel, and may do nothing. */
  dan: { id: 'U000000DAN', name: 'dan', realName: 'Dan Bystander' },
} as const satisfies Record<string, PretendPerson>;

export interface PretendChannel {
  readonly id: string;
  readonly name: string;
}

export const upgradesChannel = {
  id: 'C00UPGRADE',
  name: 'upgrades',
} as const satisfies PretendChannel;

export interface PretendApp {
  readonly appId: string;
  readonly botUserId: string;
  readonly botName: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
}

export const hopscotchApp: PretendApp = {
  appId: 'A00000HOPS',
  botUserId: 'U00000HOPS',
  botName: 'hopscotch',
  botToken: 'xoxb-sandbox',
  appToken: 'xapp-sandbox',
  signingSecret: 'sandbox-signing-secret',
};
