import { command, type Command } from './command.ts';

/**
 * A Python script with its arguments, which needs nothing but the standard library: where OpenStack's programs are, Python
 * is too. Neither the directory nor the environment it runs in can change what it imports.
 */
export const pythonCommand = (
  text: string,
  args: readonly string[],
  rest: Omit<Command, 'words'> = {},
): Command => command(['python3', '-I', '-c', text, ...args], rest);
