import type { ConfirmationDialog } from '@slack/types';
import { plainLabel } from './text.ts';

/** What a press will do, asked before it does. Plain text. */
export const confirmDialog = (
  title: string,
  text: string,
  confirm: string,
  style: 'primary' | 'danger' = 'primary',
): ConfirmationDialog => ({
  title: { type: 'plain_text', text: title },
  text: { type: 'plain_text', text: plainLabel(text, 300) },
  confirm: { type: 'plain_text', text: confirm },
  deny: { type: 'plain_text', text: 'Not now' },
  style,
});
