import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { madeOnce } from '../shared/made-once.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../../..');

/**
 * What Node.js is given to run the product's entrance: built once in a run of the tests, as `npm start` builds it, since
 * each of its processes then starts in half the time; from its sources else.
 */
export async function productEntrance(file = 'main'): Promise<readonly string[]> {
  const dist = await madeOnce('dist', async (outDir) => {
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const options = ['-p', 'tsconfig.build.json', '--outDir', outDir];
    await run(process.execPath, [tsc, ...options], { cwd: repository });
    const data = join(repository, 'openstack/knowledge/data');
    await run(process.execPath, [join(outDir, 'scripts/build-knowledge.js'), data]);
  });
  return dist === undefined
    ? ['--import', 'tsx', join(repository, `${file}.ts`)]
    : [join(dist, `${file}.js`)];
}
