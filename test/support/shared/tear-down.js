import { rm } from 'node:fs/promises';
import { unmountScratch } from './scratch.js';

export default async function tearDown() {
  await rm(process.env.TESTS_SHARE, { recursive: true, force: true });
  if (process.env.TESTS_SCRATCH !== undefined) await unmountScratch(process.env.TESTS_SCRATCH);
}
