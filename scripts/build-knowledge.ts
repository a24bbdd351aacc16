// Run from what is built (`npm run build`): reads and checks what is known of OpenStack once, for every start of it.
import { buildKnowledge } from '../openstack/knowledge/open.ts';

const [, , data] = process.argv;
if (data === undefined) {
  process.stderr.write('usage: node dist/scripts/build-knowledge.js DATA\n');
  process.exit(2);
}
await buildKnowledge(data);
