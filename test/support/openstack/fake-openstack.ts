import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Json, compute, flavor, hostKey, image, taskKey } from './openstack-things.ts';

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
}
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  /** Of nova's API, as 2.53. */
  readonly version: string;
}

/** What a server becomes, a step each time that it is asked for. */
export type ServerSteps = readonly Json[];

/** The APIs of a small cloud as Zed's answer, of those calls that upgrades make. Everything in it may be changed. */
export class FakeOpenStack {
  servers: Json[] = [];
  computes: Json[] = [compute('cmp1')];
  volumeServices: Json[] = [];
  agents: Json[] = [];
  networks: Json[] = [];
  ports: Json[] = [];
  volumes: Json[] = [];
  migrations: Json[] = [];
  actions: Record<string, Json[]> = {};
  /** What placement knows of a compute, by its host. */
  traits: Record<string, string[]> = {};
  images: Json[] = [image('cirros', 1_048_576), image('debian', 300_000_000)];
  flavors: Json[] = [flavor('m1.big', 512, 10), flavor('m1.tiny', 64, 1)];
  hasVolumes = true;
  /** How a new server goes on. */
  becomes: ServerSteps = [{ status: 'ACTIVE', [hostKey]: 'cmp1', [taskKey]: null }];
  /** How a new volume goes on. */
  volumeBecomes: ServerSteps = [{ status: 'available' }];
  /** How servers go on after an action, by its name. */
  onAction: Record<string, (one: Json) => ServerSteps | FakeAnswer> = {};
  /** An answer instead of the right one. */
  instead: (asked: FakeRequest) => FakeAnswer | undefined = () => undefined;
  pageSize = 1000;
  /** The newest minor version of nova's API: 93 is Zed. */
  newest = 93;
  readonly asked: FakeRequest[] = [];
  readonly openrc: string;
  readonly #dir = mkdtempSync(join(tmpdir(), 'fake-openstack-'));
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #next = new Map<string, Json[]>();
  #url = '';
  #tokens = 0;
  #number = 0;

  constructor() {
    this.openrc = join(this.#dir, 'openrc');
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // A cast: a server that listens on TCP has such an address.
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    writeFileSync(
      this.openrc,
      `export OS_USERNAME=admin OS_PASSWORD="it's secret" OS_PROJECT_NAME=admin\nOS_AUTH_URL=${this.#url}/v3\n`,
    );
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#dir, { recursive: true });
  }

  /** Nobody who has a token is believed any more. */
  expireTokens(): void {
    this.#tokens += 1;
  }

  said(method: string, path: RegExp): FakeRequest[] {
    return this.asked.filter((one) => one.method === method && path.test(one.path));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = new URL(request.url ?? '/', this.#url);
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(text || '{}'));
    const asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body,
      version: String(request.headers['x-openstack-nova-api-version'] ?? ''),
    };
    this.asked.push(asked);
    const given = request.headers['x-auth-token'];
    const answer =
      this.instead(asked) ??
      (asked.path === '/v3/auth/tokens'
        ? this.#login(asked)
        : given === `token-${this.#tokens}`
          ? this.#answer(asked)
          : unauthorized);
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'x-subject-token': `token-${this.#tokens}`,
    });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  #login({ body }: FakeRequest): FakeAnswer {
    if (!JSON.stringify(body).includes(`"password":"it's secret"`)) return unauthorized;
    const at = (type: string, path: string) => ({
      type,
      name: type,
      endpoints: ['public', 'internal'].map((name) => ({
        interface: name,
        region: 'regionOne',
        region_id: 'regionOne',
        url: this.#url + path,
      })),
    });
    const catalog = [
      at('compute', '/compute/v2.1'),
      at('image', '/image'),
      at('network', '/network'),
      at('placement', '/placement'),
      ...(this.hasVolumes ? [at('volumev3', '/volume/v3/p1')] : []),
    ];
    return { status: 201, body: { token: { project: { id: 'p1', name: 'admin' }, catalog } } };
  }

  #answer(asked: FakeRequest): FakeAnswer {
    const { method, path, version } = asked;
    const node = /^\/placement\/resource_providers\/node-([^/]+)\/traits$/.exec(path)?.[1];
    if (node !== undefined) return { status: 200, body: { traits: this.traits[node] ?? [] } };
    const minor = Number(version.split('.')[1] ?? 0);
    if (minor > this.newest) return tooNew(version, this.newest);
    const [, collection = '', id, sub, request] =
      /^\/(?:compute\/v2\.1|image\/v2|network\/v2\.0|volume\/v3\/p1)\/([a-z-]+)(?:\/([^/]+))?(?:\/([a-z-]+))?(?:\/([^/]+))?$/.exec(
        path,
      ) ?? [];
    const isVolume = path.startsWith('/volume');
    const key = `${method} ${collection}`;
    const ones = this.#collection(collection, isVolume) ?? [];
    const one = ones.find((each) => each['id'] === id);
    if (key === 'POST servers' && sub === 'action') return this.#act(one, asked);
    if (key === 'GET servers' && sub !== undefined)
      return this.#actionsOf(id ?? '', request, minor);
    if (key === 'GET servers' && id === 'detail') return this.#page(this.#filtered(asked), asked);
    if (method === 'GET' && (id === undefined || id === 'detail'))
      return { status: 200, body: { [plural(collection)]: ones } };
    if (method === 'POST') return this.#make(collection, ones, asked);
    if (one === undefined) return notFound(`${collection} ${id} could not be found.`);
    if (method === 'PUT') {
      Object.assign(one, { disabled_reason: null, ...asked.body });
      return { status: 200, body: { service: one } };
    }
    if (method === 'DELETE') {
      ones.splice(ones.indexOf(one), 1);
      return { status: 204 };
    }
    this.#goOn(one);
    return { status: 200, body: { [collection.slice(0, -1)]: one } };
  }

  #collection(name: string, isVolume: boolean): Json[] | undefined {
    return {
      servers: this.servers,
      'os-services': isVolume ? this.volumeServices : this.computes,
      'os-migrations': this.migrations,
      'os-hypervisors': this.computes.map(({ host: of }) => ({
        id: `node-${String(of)}`,
        service: { host: of },
      })),
      flavors: this.flavors,
      images: this.images,
      networks: this.networks,
      ports: this.ports,
      agents: this.agents,
      volumes: this.volumes,
    }[name];
  }

  #filtered({ query }: FakeRequest): Json[] {
    return this.servers.filter(
      (one) =>
        (query.get('host') ?? one[hostKey]) === one[hostKey] &&
        String(one['name']).includes(query.get('name') ?? ''),
    );
  }

  #page(all: readonly Json[], { path, query }: FakeRequest): FakeAnswer {
    const from = all.findIndex(({ id }) => id === query.get('marker')) + 1;
    const servers = all.slice(from, from + this.pageSize);
    query.set('marker', String(servers.at(-1)?.['id']));
    const more = from + this.pageSize < all.length;
    // Behind a balancer the host of such a link may be one that clients do not reach.
    const links = [{ rel: 'next', href: `http://elsewhere.invalid${path}?${query.toString()}` }];
    return { status: 200, body: { servers, ...(more && { servers_links: links }) } };
  }

  #make(collection: string, ones: Json[], { body }: FakeRequest): FakeAnswer {
    const key = collection.slice(0, -1);
    const wanted = z.record(z.string(), z.unknown()).parse(body[key]);
    const id = `${key}-${(this.#number += 1)}`;
    const born: Record<string, Json> = {
      server: { status: 'BUILD', [hostKey]: null, [taskKey]: 'spawning' },
      port: { status: 'DOWN', fixed_ips: [{ ip_address: '10.1.0.7' }] },
      volume: { status: 'creating' },
    };
    const one = { ...wanted, id, ...born[key] };
    ones.push(one);
    this.#next.set(id, [...(key === 'server' ? this.becomes : this.volumeBecomes)]);
    // nova answers with no more than the id.
    return { status: 202, body: { [key]: key === 'server' ? { id } : one } };
  }

  #goOn(one: Json): void {
    Object.assign(one, this.#next.get(String(one['id']))?.shift());
  }

  #act(one: Json | undefined, { body }: FakeRequest): FakeAnswer {
    if (one === undefined) return notFound('Instance could not be found.');
    const [name = ''] = Object.keys(body);
    const steps = this.onAction[name]?.(one) ?? [];
    if ('status' in steps) return steps;
    this.#next.set(String(one['id']), [...steps]);
    return { status: 202 };
  }

  #actionsOf(id: string, request: string | undefined, minor: number): FakeAnswer {
    const actions = this.actions[id] ?? [];
    if (request === undefined) return { status: 200, body: { instanceActions: actions } };
    const action = actions.find((one) => one['request_id'] === request);
    const events = z.array(z.record(z.string(), z.unknown())).parse(action?.['events'] ?? []);
    const shown = events.map(({ details, ...rest }) => (minor < 84 ? rest : { ...rest, details }));
    return { status: 200, body: { instanceAction: { ...action, events: shown } } };
  }
}

const plural = (collection: string): string => collection.replace(/^os-/, '');

const unauthorized: FakeAnswer = {
  status: 401,
  body: {
    error: {
      code: 401,
      message: 'The request you have made requires authentication.',
      title: 'Unauthorized',
    },
  },
};

const tooNew = (version: string, newest: number): FakeAnswer => ({
  status: 406,
  body: {
    computeFault: {
      code: 406,
      message: `Version ${version} is not supported by the API. Minimum is 2.1 and maximum is 2.${newest}.`,
    },
  },
});

const notFound = (message: string): FakeAnswer => ({
  status: 404,
  body: { itemNotFound: { code: 404, message } },
});
