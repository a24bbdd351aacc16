import { z } from 'zod';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { servicesOf } from '../../../openstack/cloud/placed.ts';
import type { ReleaseName } from '../../../openstack/knowledge/releases.ts';
import type { StepSpec } from '../../../jobs/files/runbook.ts';
import { knowledge } from '../known.ts';

const Params = z.looseObject({
  name: z.string().default(''),
  state: z.string().default(''),
  install: z.array(z.string()).default([]),
  database: z.string().default(''),
  databases: z.array(z.string()).default([]),
  series: z.string().default(''),
  remaining: z.looseObject({ database: z.string() }).optional(),
});

/** A service whose programs a unit runs, such as keystone and the dashboard in one Apache. */
interface User {
  readonly service: string;
  /** Of the packages that were there when the unit started. */
  readonly series: string;
  readonly databases: readonly string[];
}

/**
 * What runs where, of which release, on which schema: so much of a cloud as the order of a plan is about. `problems`
 * collects every moment in which something ran that must not.
 */
export class PretendWorld {
  readonly problems: string[] = [];
  /** Host and service: the release of its packages. */
  readonly #packages = new Map<string, string>();
  /** Database: the release of its schema. */
  readonly #schemas = new Map<string, string>();
  /** Host and unit: what it runs. */
  readonly #running = new Map<string, readonly User[]>();
  /** Databases that nobody may have written to since their dump. */
  readonly #dumped = new Set<string>();
  readonly #services;

  constructor(cloud: Cloud, start: ReleaseName) {
    this.#services = Object.entries(servicesOf(cloud).openstack).flatMap(([name, { parts }]) => {
      const known = knowledge.services[name];
      const places = Object.entries(parts);
      return known === undefined ? [] : [{ name, known, places }];
    });
    for (const { name, known, places } of this.#services) {
      for (const { database, optional } of known.series[start]?.sync ?? [])
        if (!optional) this.#schemas.set(database, start);
      for (const [, hosts] of places)
        for (const host of hosts) this.#packages.set(`${host} ${name}`, start);
    }
    for (const { known, places } of this.#services)
      for (const [part, hosts] of places)
        for (const unit of known.series[start]?.parts[part]?.units ?? [])
          for (const host of hosts) this.#running.set(`${host} ${unit}`, this.#usersOf(host, unit));
  }

  /** Everything that a rollback has to bring back. */
  state(): unknown {
    return [this.#packages, this.#schemas, this.#running].map((map) =>
      [...map].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    );
  }

  /** Does what a step does on one host, and answers what undoes it. */
  apply({ id, hop, kind, params }: StepSpec, host: string): () => void {
    const what: string = kind;
    const { name, state, install, database, databases, series, remaining } = Params.parse(params);
    if (what === 'service') return this.#turn(`${host} ${name}`, { id, on: state !== 'stopped' });
    if (what === 'package') return this.#install({ id, to: hop?.to ?? '' }, host, install);
    if (what === 'database-backup') return this.#dump(id, databases);
    if (what === 'schema-sync') {
      this.#expectDump(id, database);
      this.#schemas.set(database, series);
    }
    if (what === 'data-migration') this.#expectDump(id, remaining?.database ?? '');
    this.#look(id);
    return () => {};
  }

  #turn(unit: string, { id, on }: { id: string; on: boolean }): () => void {
    const before = this.#running.has(unit);
    this.#switch(unit, on);
    this.#look(id);
    return () => {
      if (before !== this.#running.has(unit)) this.#switch(unit, before);
      this.#look(`undo of ${id}`);
    };
  }

  #switch(unit: string, on: boolean): void {
    const [host = '', name = ''] = unit.split(' ');
    this.#running.delete(unit);
    if (!on) return;
    const users = this.#usersOf(host, name);
    this.#running.set(unit, users);
    for (const database of users.flatMap(({ databases }) => databases))
      this.#dumped.delete(database);
  }

  #install(
    { id, to }: { id: string; to: string },
    host: string,
    names: readonly string[],
  ): () => void {
    const moved = this.#services.filter(({ name, known }) =>
      Object.entries(known.series).some(
        ([series, made]) =>
          series === to &&
          this.#packages.has(`${host} ${name}`) &&
          Object.values(made.parts).some(({ packages }) => names.includes(packages[0] ?? '')),
      ),
    );
    const before = moved.map(({ name }) => [name, this.#packages.get(`${host} ${name}`)] as const);
    for (const { name } of moved) this.#packages.set(`${host} ${name}`, to);
    this.#look(id);
    return () => {
      for (const [name, series] of before) this.#packages.set(`${host} ${name}`, series ?? '');
      this.#look(`undo of ${id}`);
    };
  }

  #dump(id: string, databases: readonly string[]): () => void {
    const found = databases.map((name) => [name, this.#schemas.get(name) ?? ''] as const);
    for (const [unit, users] of this.#running)
      if (users.some((user) => user.databases.some((one) => databases.includes(one))))
        this.problems.push(`${id}: ${unit} writes to what is dumped`);
    for (const name of databases) this.#dumped.add(name);
    return () => {
      for (const [name, series] of found) this.#schemas.set(name, series);
      this.#look(`undo of ${id}`);
    };
  }

  #expectDump(id: string, database: string): void {
    if (!this.#dumped.has(database)) this.problems.push(`${id}: no dump of ${database} as it is`);
  }

  #look(when: string): void {
    for (const [unit, users] of this.#running) {
      for (const { service, series, databases } of users) {
        const installed = this.#packages.get(`${unit.split(' ')[0]} ${service}`);
        const others = databases.filter((one) => this.#schemas.get(one) !== series);
        if (installed !== series)
          this.problems.push(`${when}: ${unit} runs ${series}, installed is ${installed}`);
        if (others.length > 0)
          this.problems.push(`${when}: ${unit} runs ${series}, unlike ${others.join(', ')}`);
      }
    }
  }

  #usersOf(host: string, unit: string): User[] {
    return this.#services.flatMap(({ name, known, places }) => {
      const series = this.#packages.get(`${host} ${name}`) ?? '';
      const made = Object.entries(known.series).find(([one]) => one === series)?.[1];
      const runs = places.some(
        ([part, hosts]) => hosts.includes(host) && made?.parts[part]?.units.includes(unit),
      );
      if (made === undefined || !runs) return [];
      const databases = made.sync.flatMap(({ database, optional }) => (optional ? [] : [database]));
      return [{ service: name, series, databases }];
    });
  }
}
