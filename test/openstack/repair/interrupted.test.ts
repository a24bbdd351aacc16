import { describe, expect, it } from '@jest/globals';
import { interruptedDatabase } from '../../../openstack/repair/interrupted.ts';
import type { InspectedDatabase } from '../../../openstack/inspect/inspection.ts';
import { schemaTruth } from '../../../openstack/inspect/schema-truth.ts';
import { knowledge } from '../known.ts';

const seen = (name: string, revision: string, called = name): InspectedDatabase => ({
  service: name,
  name,
  called,
  revision,
  truth: schemaTruth({ service: name, revision }, knowledge),
  rows: [],
});
const nova = seen('nova', '290', 'nova_prod');
const glance = seen('glance', '41');
const keystone = seen('keystone', '70');

const look = (databases: readonly InspectedDatabase[], named?: string) =>
  interruptedDatabase({ cloud: 'staging', databases, silent: [] }, named);

describe('the database that stopped between two releases', () => {
  it('is the only one, or the one that is named, by either name', () => {
    expect(look([glance, nova])).toBe(nova);
    expect(look([keystone, nova], 'nova')).toBe(nova);
    expect(look([keystone, nova], 'nova_prod')).toBe(nova);
    expect(look([glance, nova], 'glance')).toBe(glance);
  });

  it.each([
    [[glance], undefined, 'NothingToHeal', 'none stopped between two releases: glance Kilo'],
    [[glance], 'nova', 'UnknownDatabase', 'there is no database nova; there are glance Kilo'],
    [[nova, keystone], undefined, 'WhichDatabase', 'several stopped between two releases'],
  ])('%#: %s %s', (databases, named, name, message) => {
    expect(() => look(databases, named)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });

  it('that nobody could read is not guessed', () => {
    const { revision: _revision, truth: _truth, ...rest } = nova;
    expect(() => look([{ ...rest, problem: 'Access denied' }], 'nova')).toThrow(
      expect.objectContaining({ name: 'SchemaUnseen', message: expect.stringContaining('denied') }),
    );
    const silent = [{ host: 'db1', message: 'no route', hint: 'look at its console' }];
    expect(() => interruptedDatabase({ cloud: 'staging', databases: [], silent })).toThrow(
      expect.objectContaining({ name: 'SchemaUnseen', hint: 'look at its console' }),
    );
  });
});
