import type { ModalView } from '@slack/types';
import { type Press, modalMetadata } from './press.ts';
import { isWordedAction, needsWords, wordsModal } from '../views/modals.ts';
import { buttonValueOf } from './buttons.ts';

/** The modal that asks for the words that an action needs; undefined for a button that needs none. */
export function modalOf(press: Press): ModalView | undefined {
  const name = press.action?.replace(/^run\./, '') ?? '';
  const value = buttonValueOf(press.value);
  if (!isWordedAction(name) || value === undefined || !needsWords(name, value)) return undefined;
  return { ...wordsModal(name, value), private_metadata: modalMetadata(press) };
}
