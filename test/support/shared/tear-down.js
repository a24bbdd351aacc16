import { rm } from 'node:fs/promises';

export default async function tearDown() {
  await rm(process.env.TESTS_SHARE, { recursive: true, force: true });
}
