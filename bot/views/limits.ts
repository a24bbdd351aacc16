import { z } from 'zod';

/** Slack's limits of messages and modals: docs.slack.dev/reference/block-kit and /reference/methods/chat.update. */
const MOST_IN_ALL = 13_000; // slackapi/bolt-js#2509

const text = (type: 'plain_text' | 'mrkdwn', max: number) =>
  z.strictObject({
    type: z.literal(type),
    text: z.string().min(1).max(max),
    ...(type === 'mrkdwn'
      ? { verbatim: z.boolean().optional() }
      : { emoji: z.boolean().optional() }),
  });

const either = (max: number) => z.union([text('plain_text', max), text('mrkdwn', max)]);

const block_id = z.string().min(1).max(255).optional();

const Confirm = z.strictObject({
  title: text('plain_text', 100),
  text: text('plain_text', 300),
  confirm: text('plain_text', 30),
  deny: text('plain_text', 30),
  style: z.enum(['primary', 'danger']).optional(),
});

const Button = z.strictObject({
  type: z.literal('button'),
  action_id: z.string().min(1).max(255),
  text: text('plain_text', 75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: Confirm.optional(),
});

const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id, text: text('plain_text', 150) }),
  z.strictObject({
    type: z.literal('section'),
    block_id,
    text: either(3000),
    fields: z.array(either(2000)).min(1).max(10).optional(),
  }),
  z.strictObject({
    type: z.literal('context'),
    block_id,
    elements: z.array(either(3000)).min(1).max(10),
  }),
  z.strictObject({ type: z.literal('divider'), block_id }),
  z.strictObject({
    type: z.literal('actions'),
    block_id,
    elements: z
      .array(Button)
      .min(1)
      .max(25)
      .refine(
        (buttons) => new Set(buttons.map(({ action_id }) => action_id)).size === buttons.length,
        'each action_id once in a block',
      ),
  }),
]);

const Message = z.object({
  text: z.string().min(1).max(4000),
  blocks: z
    .array(Block)
    .min(1)
    .max(50)
    .refine((blocks) => {
      const ids = blocks.map((block) => block.block_id).filter((id) => id !== undefined);
      return new Set(ids).size === ids.length;
    }, 'each block_id once in a message')
    .refine(
      (blocks) => characters(blocks) <= MOST_IN_ALL,
      `at most ${MOST_IN_ALL} characters of text in all`,
    ),
});

const Input = z.strictObject({
  type: z.literal('input'),
  block_id,
  dispatch_action: z.boolean().optional(),
  optional: z.boolean().optional(),
  label: text('plain_text', 2000),
  hint: text('plain_text', 2000).optional(),
  element: z.looseObject({
    type: z.literal('plain_text_input'),
    action_id: z.string().min(1).max(255),
    max_length: z.int().min(1).max(3000).optional(),
  }),
});

const Modal = z.strictObject({
  type: z.literal('modal'),
  callback_id: z.string().min(1).max(255),
  private_metadata: z.string().max(3000).optional(),
  title: text('plain_text', 24),
  submit: text('plain_text', 24).optional(),
  close: text('plain_text', 24),
  blocks: z
    .array(z.union([Block, Input]))
    .min(1)
    .max(100),
});

/** Throws a RangeError that names the block and the limit, when Slack would refuse the message. */
export const checkMessageLimits = (message: unknown): void => check('message', Message, message);

/** Throws a RangeError that names the part and the limit, when Slack would refuse the modal. */
export const checkModalLimits = (view: unknown): void => check('modal', Modal, view);

function check(name: string, schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value);
  if (error === undefined) return;
  const issues = error.issues.map(
    ({ path, message }) => `${[name, ...path].join('.')}: ${message}`,
  );
  throw new RangeError(`Slack would refuse this: ${issues.join('; ')}`);
}

function characters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) => (KEYS_WITHOUT_TEXT.has(key) ? sum : sum + characters(inner)),
    0,
  );
}

const KEYS_WITHOUT_TEXT = new Set(['type', 'block_id', 'action_id', 'value', 'style']);
