import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { pretendPeople } from '../../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../../sandbox/slack/slack.ts';
import {
  type Product,
  type ProductOptions,
  actionIds,
  messageText,
  startProduct,
} from './product.ts';
import { type TestSshd, startTestSshd } from '../servers/sshd.ts';

const { ann, ben } = pretendPeople;
export type ChannelPerson = (typeof pretendPeople)[keyof typeof pretendPeople];

/** The product with one host, and people in the channel. */
export interface OnProduct {
  readonly product: Product;
  readonly sshd: TestSshd;
  readonly messages: () => Promise<WorkspaceMessage[]>;
  /** Types `/upgrade TEXT`, as ann unless told otherwise. */
  readonly type: (text: string, who?: ChannelPerson) => Promise<void>;
  /** Presses a button of a message, as ben unless told otherwise; with a value, whatever the message has by now. */
  readonly press: (
    message: WorkspaceMessage,
    action: string,
    who?: ChannelPerson,
    value?: string,
  ) => Promise<void>;
  /** What a person is told in private after doing something. */
  readonly told: (who: ChannelPerson, act: () => Promise<void>) => Promise<string>;
  /** The request for approval that says the words, once it is there. */
  readonly requestOn: (words: string) => Promise<WorkspaceMessage>;
  /** The card that begins with `TITLE · CLOUD`, once it says the words. */
  readonly cardOf: (
    heading: string,
    words: string,
    deadlineMs?: number,
  ) => Promise<WorkspaceMessage>;
  /** What the replies below a message say. */
  readonly threadOf: (message: WorkspaceMessage) => Promise<string>;
}

/** The whole product and an sshd from the first test of a file to its last. */
export function onProduct(options: ProductOptions = {}): OnProduct {
  let product: Product;
  let sshd: TestSshd;

  beforeAll(async () => {
    [product, sshd] = await Promise.all([startProduct(options), startTestSshd()]);
    // The first of a run of the tests builds the product.
  }, 120_000);

  afterAll(async () => {
    await product.stop();
    await sshd.stop();
  });

  return {
    get product() {
      return product;
    },
    get sshd() {
      return sshd;
    },
    messages: () => product.workspace.control.messages(),
    type: (text, { id: user } = ann) => product.workspace.control.command({ user, text }),
    press: ({ ts }, actionId, { id: user } = ben, value) =>
      product.workspace.control.click({
        user,
        ts,
        actionId,
        ...(value !== undefined && { value }),
      }),
    told: async ({ id }, act) => {
      const { control, waitFor } = product.workspace;
      const before = new Set((await control.messages()).map(({ ts }) => ts));
      await act();
      const isNew = ({ ts, ephemeral_to }: WorkspaceMessage) =>
        ephemeral_to === id && !before.has(ts);
      return (await waitFor((all) => all.find(isNew), { what: 'an answer' })).text;
    },
    requestOn: (words) =>
      product.workspace.waitFor(
        (all) =>
          all.find(
            (message) =>
              actionIds(message).includes('run.approve') && messageText(message).includes(words),
          ),
        { what: `the request for approval that says: ${words}` },
      ),
    cardOf: (heading, words, deadlineMs = 50_000) =>
      product.workspace.waitFor(
        (all) =>
          all.find(
            (message) =>
              message.text.startsWith(`${heading}:`) && messageText(message).includes(words),
          ),
        { what: `the card ${heading} that says: ${words}`, deadlineMs },
      ),
    threadOf: async ({ ts }) =>
      (await product.workspace.control.thread(ts)).map(messageText).join('\n'),
  };
}

/** The executions that ever began on a host. */
export const executionsOn = async ({ home }: TestSshd): Promise<string[]> => {
  const names = await readdir(join(home, '.hopscotch')).catch(() => []);
  // A check leaves and removes a file of its own there.
  return names.filter((name) => !name.startsWith('.'));
};

/** A run on this cloud, if there ever was one, is over without a trace: no lock, not active, nothing on its host. */
export async function expectNothingHeld(
  { product, sshd }: OnProduct,
  cloud: string,
): Promise<void> {
  await product.store(async (store) => {
    expect(await store.lockOf(cloud)).toBeUndefined();
    const last = await store.lastOf(cloud);
    if (last === undefined) return;
    expect(await store.active()).not.toContain(last);
    expect(await store.load(last)).toMatchObject({ ended: { outcome: 'refused' }, apply: {} });
  });
  expect(await executionsOn(sshd)).toEqual([]);
}

/** The id of the run that a message is about. */
export const runOfText = ({ text }: WorkspaceMessage): string =>
  /Run ([0-9a-f]{6})/.exec(text)?.[1] ?? '';

/** A runbook's step that runs a program on all hosts and has nothing to undo. */
export const programStep = (id: string, ...run: readonly string[]) => ({
  id,
  title: id,
  kind: 'command',
  on: 'all',
  params: { run, undo: [] },
});
