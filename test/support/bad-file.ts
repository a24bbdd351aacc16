import { expect } from '@jest/globals';

/** What reading a file says is wrong with it, a line a problem, without the folder. */
export async function problemsOf(reading: Promise<unknown>, dir: string): Promise<string[]> {
  const error: unknown = await reading.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'BadFile' });
  const [, ...lines] = error instanceof Error ? error.message.split('\n') : [];
  return lines.map((line) => line.replace(`${dir}/`, ''));
}
