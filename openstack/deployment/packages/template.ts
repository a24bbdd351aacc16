import { lowerFirst } from '../../../handlers/words/letters.ts';
import { computeFloor } from '../../path/floors.ts';
import type { ChosenService, PlanContext } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import { apiUrl } from './answers.ts';
import type { Hop } from '../../path/path.ts';
import { OperatorError } from '../../../handlers/contract/errors.ts';

/** A step template with this cloud's hosts and names; none where the cloud does not have the part. */
export function stepOfTemplate(context: PlanContext, hop: Hop, id: string): StepDraft[] {
  const template = context.knowledge.steps[id];
  if (template === undefined) throw new RangeError(`there is no step template ${id}`);
  const known = context.knowledge.services[template.service];
  const here = context.services.openstack[template.service];
  if (known === undefined || here === undefined) return [];
  const all = here.parts[template.part] ?? [];
  const failed = template.where === 'failed' ? (context.failed ?? []) : [];
  const hosts =
    template.where === 'first' ? all.slice(0, 1) : failed.length > 0 ? [...failed] : all;
  if (hosts.length === 0) return [];
  // A place such as the dashboard's may be another one on each host.
  return groupedHosts(hosts, (host) =>
    filled(template.params, wordsOf(context, { hop, chosen: { known, here }, host })),
  ).map(({ hosts: on, value: params }) => ({
    id,
    title: lowerFirst(template.title),
    kind: template.kind,
    purpose: template.purpose,
    on,
    params,
    ...(template.approval !== undefined && { approval: template.approval }),
    ...(template.batch !== undefined && { batch: template.batch }),
    service: template.service,
  }));
}

type Templated = Pick<ChosenService, 'known' | 'here'>;

type Words = (placeholder: string) => string | readonly string[] | undefined;

function wordsOf(
  context: PlanContext,
  { hop, chosen, host }: { readonly hop: Hop; readonly chosen: Templated; readonly host: string },
): Words {
  const { services, manager, cloud } = context;
  return (placeholder) => {
    if (placeholder === '$series') return hop.to;
    if (placeholder === '$manager') return manager;
    if (placeholder === '$address') return chosen.here.address;
    if (placeholder === '$dashboard')
      return apiUrl(context, chosen, { port: 80, path: '/horizon/' }, host).url.replace(/\/$/, '');
    if (placeholder === '$floor') return String(computeFloor(context.knowledge, hop)?.version ?? 0);
    if (placeholder === '$defaultsFile') return services.database.defaultsFile;
    if (placeholder === '$memcached') return memcachedOf(services.memcached, cloud);
    if (!placeholder.startsWith('$database.')) return undefined;
    const database = placeholder.slice('$database.'.length);
    return chosen.here.databases[database] ?? database;
  };
}

function memcachedOf(
  all: PlanContext['services']['memcached'],
  cloud: PlanContext['cloud'],
): string[] {
  const found = all.flatMap(({ on, port }) =>
    on.map((host) => `${cloud.hosts[host]?.address ?? host}:${port}`),
  );
  if (found.length > 0) return found;
  throw new OperatorError(
    `planning the check of memcached in cloud ${cloud.name}: its file names none`,
    {
      name: 'NoMemcached',
      hint: 'Tokens are kept in memcache: say under services.memcached where it runs.',
    },
  );
}

function filled(params: Readonly<Record<string, unknown>>, words: Words): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, fill(value, words)]),
  );
}

function fill(value: unknown, words: Words): unknown {
  if (typeof value === 'string') return words(value) ?? value;
  if (Array.isArray(value))
    return value.flatMap((one: unknown) => {
      const made = fill(one, words);
      // A list in the place of a word is that many words.
      return typeof one === 'string' ? made : [made];
    });
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, fill(inner, words)]),
    );
  return value;
}
