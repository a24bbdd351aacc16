/** What a person sees of a message, as lines: text without its markup objects, buttons in brackets. */
export const drawnMessage = ({ blocks }: { readonly blocks: readonly object[] }): string =>
  blocks.map(drawnBlock).join('\n');

/** The labels of a message's buttons, by action. */
export const buttonLabels = ({
  blocks,
}: {
  readonly blocks: readonly object[];
}): Record<string, string> =>
  Object.fromEntries(
    blocks
      .flatMap((block) => (isActions(block) ? block.elements : []))
      .map(({ action_id, text }) => [action_id, text.text]),
  );

/** What a button asks before it does anything. */
export const confirmOf = (
  { blocks }: { readonly blocks: readonly object[] },
  action: string,
): string | undefined =>
  blocks
    .flatMap((block) => (isActions(block) ? block.elements : []))
    .find(({ action_id }) => action_id === action)?.confirm?.text.text;

interface Actions {
  readonly type: 'actions';
  readonly elements: readonly {
    readonly action_id: string;
    readonly text: { readonly text: string };
    readonly confirm?: { readonly text: { readonly text: string } };
  }[];
}

const isActions = (block: object): block is Actions => 'type' in block && block.type === 'actions';

function drawnBlock(block: object): string {
  if (isActions(block)) return block.elements.map(({ text }) => `[${text.text}]`).join(' ');
  const texts: string[] = [];
  JSON.stringify(block, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts.join('\n');
}
