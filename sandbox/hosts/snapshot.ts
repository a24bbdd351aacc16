import type { PretendHosts } from './hosts.ts';

/** By host and thing, such as `ctl1 package keystone`: how it is. */
export type HostsSnapshot = ReadonlyMap<string, string>;

// Every line is KIND NAME, a tab, and how it is. What steps leave under ~/.hopscotch is ours and none of the cloud's state.
const script = `set -e
dpkg-query --show --showformat 'package \${Package}\\t\${Version} \${db:Status-Abbrev}\\n'
apt-mark showhold | sed 's/.*/hold &\\tyes/'
apt-mark showauto | sed 's/.*/auto &\\tyes/'
places='/etc /opt /srv /root'
skip='-path /root/.hopscotch -prune -o -path /srv/mirror -prune -o -path /etc/alternatives -prune -o'
find $places $skip -type l -printf 'link %p\\t%l\\n'
find $places $skip -type f -printf 'owner and mode of %p\\t%U:%G %m\\n'
find $places $skip -type f -exec sha256sum {} + | while read -r sum path; do printf 'file %s\\tsha256 %s\\n' "$path" "$sum"; done
for service in /etc/init.d/*; do
  code=0; "$service" status >/dev/null 2>&1 || code=$?
  case $code in 0) state=running ;; 3) state=stopped ;; *) state="status $code" ;; esac
  printf 'service %s\\t%s\\n' "\${service##*/}" "$state"
done`;

/** Everything that a runbook could have changed on any host: packages, holds, marks, files, links, services. */
export async function takeHostsSnapshot({
  hosts,
  exec,
}: Pick<PretendHosts, 'hosts' | 'exec'>): Promise<HostsSnapshot> {
  const all = await Promise.all(
    hosts.map(async ({ name }) => {
      const { code, stdout, stderr } = await exec(name, script);
      if (code !== 0) throw new Error(`looking at ${name}: exit ${code}: ${stderr}`);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => [`${name} ${line.split('\t')[0]}`, line.split('\t')[1] ?? ''] as const);
    }),
  );
  return new Map(all.flat());
}

/** A line for everything that is not as it was. */
export function hostsDifferences(before: HostsSnapshot, after: HostsSnapshot): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((thing) => before.get(thing) !== after.get(thing))
    .map((thing) => `${thing}: ${before.get(thing) ?? 'none'} → ${after.get(thing) ?? 'none'}`);
}

/** How many things of a kind there are. */
export const countOfKind = (snapshot: HostsSnapshot, kind: string): number =>
  [...snapshot.keys()].filter((thing) => thing.split(' ')[1] === kind).length;
