import type { AnyHandler } from './handler.ts';
import { shellCommand } from './shell-command.ts';

/** Every step kind, registered once. */
export const handlers: Readonly<Record<string, AnyHandler>> = Object.fromEntries(
  [shellCommand].map((handler) => [handler.kind, handler]),
);
