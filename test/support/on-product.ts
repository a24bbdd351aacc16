import { afterAll, beforeAll } from '@jest/globals';
import { people } from '../../sandbox/people.ts';
import type { Message } from '../../sandbox/slack.ts';
import { type Product, type ProductOptions, buttons, said, startProduct } from './product.ts';
import { type Sshd, startSshd } from './sshd.ts';

const { ann, ben } = people;
type Person = (typeof people)[keyof typeof people];

/** The product with one host, and people in the channel. */
export interface OnProduct {
  readonly product: Product;
  readonly sshd: Sshd;
  readonly messages: () => Promise<Message[]>;
  /** Types `/upgrade TEXT`, as ann unless told otherwise. */
  readonly type: (text: string, who?: Person) => Promise<void>;
  /** Presses a button of a message, as ben unless told otherwise. */
  readonly press: (message: Message, action: string, who?: Person) => Promise<void>;
  /** The request for approval that says the words, once it is there. */
  readonly requestOn: (words: string) => Promise<Message>;
  /** The card that begins with `TITLE · CLOUD`, once it says the words. */
  readonly cardOf: (heading: string, words: string, deadlineMs?: number) => Promise<Message>;
  /** What the replies below a message say. */
  readonly threadOf: (message: Message) => Promise<string>;
}

/** The whole product and an sshd from the first test of a file to its last. */
export function onProduct(options: ProductOptions = {}): OnProduct {
  let product: Product;
  let sshd: Sshd;

  beforeAll(async () => {
    [product, sshd] = await Promise.all([startProduct(options), startSshd()]);
  }, 60_000);

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
    press: ({ ts }, actionId, { id: user } = ben) =>
      product.workspace.control.click({ user, ts, actionId }),
    requestOn: (words) =>
      product.workspace.waitFor(
        (all) =>
          all.find(
            (message) => buttons(message).includes('run.approve') && said(message).includes(words),
          ),
        { what: `the request for approval that says: ${words}` },
      ),
    cardOf: (heading, words, deadlineMs = 50_000) =>
      product.workspace.waitFor(
        (all) =>
          all.find(
            (message) => message.text.startsWith(`${heading}:`) && said(message).includes(words),
          ),
        { what: `the card ${heading} that says: ${words}`, deadlineMs },
      ),
    threadOf: async ({ ts }) => (await product.workspace.control.thread(ts)).map(said).join('\n'),
  };
}

/** A runbook's step that runs a program on all hosts and has nothing to undo. */
export const runs = (id: string, ...run: readonly string[]) => ({
  id,
  title: id,
  kind: 'command',
  on: 'all',
  params: { run, undo: [] },
});
