import { describe, expect, it } from '@jest/globals';
import { schemaTruth, type SchemaQuestion } from '../../../openstack/inspect/schema-truth.ts';
import { knowledge } from '../known.ts';

const truth = (question: SchemaQuestion) => {
  const { name, legalMoves } = schemaTruth(question, knowledge);
  return [name, legalMoves.map(({ id }) => id).join(', ')];
};

const nova = (revision: number, rowsBlocking?: number) =>
  truth({ service: 'nova', revision, rowsBlocking });

const each = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the truth about a nova schema', () => {
  it.each([
    [254, undefined, 'Juno', 'nova-count-null-uuids, nova-sync-kilo'],
    [254, 3, 'Juno', 'nova-delete-null-uuids'],
    [254, 0, 'Juno', 'nova-sync-kilo'],
    [280, undefined, 'Kilo complete', 'nova-count-flavors, nova-migrate-flavors'],
    [280, 12, 'Kilo complete', 'nova-migrate-flavors'],
    [280, 0, 'Kilo complete', 'nova-sync-liberty'],
    [302, undefined, 'Liberty complete', 'nova-start-liberty'],
  ])('at %s with %s rows that block is %s: %s', (revision, rows, name, moves) => {
    expect(nova(revision, rows)).toEqual([name, moves]);
  });

  it.each(each(255, 265))('at %s is an interrupted Kilo sync', (revision) => {
    const name = `between Juno and Kilo: stopped at ${revision}`;
    expect(nova(revision)).toEqual([name, 'nova-count-null-uuids, nova-sync-kilo, nova-restore']);
    expect(nova(revision, 1)).toEqual([name, 'nova-delete-null-uuids, nova-restore']);
    expect(nova(revision, 0)).toEqual([name, 'nova-sync-kilo, nova-restore']);
  });

  it('at 266 is stopped by rows without a uuid', () => {
    expect(nova(266, 1)).toEqual([
      'between Juno and Kilo: stopped at 266',
      'nova-delete-null-uuids, nova-restore',
    ]);
    expect(nova(266, 0)[1]).toBe('nova-sync-kilo, nova-restore');
  });

  it.each(each(267, 279))('at %s is past the check of uuids', (revision) => {
    expect(nova(revision)).toEqual([
      `between Juno and Kilo: stopped at ${revision}`,
      'nova-sync-kilo, nova-restore',
    ]);
  });

  it.each(each(281, 290))('at %s is still made of Kilo tables, and healed forward', (revision) => {
    const name = `between Kilo and Liberty: stopped at ${revision}`;
    expect(nova(revision)).toEqual([
      name,
      'nova-count-flavors, nova-migrate-flavors, nova-restore',
    ]);
    expect(nova(revision, 5)).toEqual([name, 'nova-migrate-flavors, nova-restore']);
    expect(nova(revision, 0)).toEqual([name, 'nova-sync-liberty, nova-restore']);
  });

  it.each(each(291, 301))('at %s is past the check of flavors', (revision) => {
    expect(nova(revision)).toEqual([
      `between Kilo and Liberty: stopped at ${revision}`,
      'nova-sync-liberty, nova-restore',
    ]);
  });

  it.each([0, 1, 253, 303, 350])('at %s is unknown, and says so', (revision) => {
    expect(schemaTruth({ service: 'nova', revision }, knowledge)).toMatchObject({
      kind: 'unknown',
      name: `unknown revision ${revision}`,
      series: [],
      legalMoves: [],
    });
  });

  it('never lets Kilo sync a database that Liberty has begun with', () => {
    const codes = each(281, 302).flatMap((revision) =>
      [undefined, 0, 1].flatMap((rowsBlocking) =>
        schemaTruth({ service: 'nova', revision, rowsBlocking }, knowledge)
          .legalMoves.filter(({ action }) => action === 'schema-sync')
          .map(({ code }) => code),
      ),
    );

    expect(new Set(codes)).toEqual(new Set(['liberty']));
  });

  it('never lets Liberty sync a database that Kilo has not finished', () => {
    for (const revision of each(254, 279))
      for (const rowsBlocking of [undefined, 0, 1])
        expect(
          schemaTruth({ service: 'nova', revision, rowsBlocking }, knowledge).legalMoves.filter(
            ({ code }) => code === 'liberty',
          ),
        ).toEqual([]);
  });

  it('explains itself, with the query that counts what blocks', () => {
    const found = schemaTruth({ service: 'nova', revision: 290 }, knowledge);

    expect(found.explanation).toMatch(/Kilo's migrate_flavor_data can/);
    expect(found.source).toBe(
      'nova@12.0.6:nova/db/sqlalchemy/migrate_repo/versions/291_enforce_flavors_migrated.py',
    );
    expect(found.blockedBy?.query).toContain("'instance_type_id'");
  });
});

describe('the truth about other schemas', () => {
  it.each([
    ['keystone', '55', 'Juno', 'sync-kilo'],
    ['keystone', '60', 'between Juno and Kilo: stopped at 60', 'sync-kilo, restore'],
    ['keystone', '67', 'Kilo', 'sync-liberty'],
    ['keystone', '74', 'between Kilo and Liberty: stopped at 74', 'sync-liberty, restore'],
    ['keystone', '75', 'Liberty', ''],
    ['keystone', '76', 'unknown revision 76', ''],
    ['keystone', '54', 'unknown revision 54', ''],
    ['glance', '36', 'Juno', 'sync-kilo'],
    ['glance', '40', 'between Juno and Kilo: stopped at 40', 'sync-kilo, restore'],
    ['glance', '41', 'Kilo', 'sync-liberty'],
    ['glance', '42', 'Liberty', ''],
    ['cinder', '60', 'Liberty', ''],
    ['heat', '70', 'unknown revision 70', ''],
    [
      'heat',
      '86',
      'Rocky, Stein, Train, Ussuri, Victoria, Wallaby, Xena, Yoga, Zed or Antelope',
      'sync-bobcat',
    ],
    ['neutron', 'juno', 'Juno', 'sync-kilo'],
    ['neutron', 'kilo', 'Kilo', 'sync-liberty'],
    ['neutron', '4af11ca47297\n34af2b5c5a59\n', 'Liberty', ''],
    [
      'neutron',
      '34af2b5c5a59',
      'between Kilo and Liberty: stopped at 34af2b5c5a59',
      'sync-liberty, restore',
    ],
    ['neutron', 'havana', 'unknown revision havana', ''],
    ['neutron', '', 'unknown: no revision', ''],
    ['nova', 'ccb0fa1a2252', 'Zed', 'sync-antelope'],
    ['nova', '8f2f1571d55b', 'Xena', 'sync-yoga'],
    ['nova', '16f1fbcab42b', 'Yoga', 'sync-zed'],
    // Where it is not certain how a release ends, all its ends are known.
    [
      'keystone',
      'contract:78 expand:78 migrate:78',
      'Ussuri, Victoria or Wallaby, at one of its possible ends',
      'sync-xena',
    ],
    [
      'keystone',
      'contract:79 expand:79 migrate:79',
      'Ussuri, Victoria, Wallaby, Xena or Yoga',
      'sync-zed',
    ],
    [
      'keystone',
      'contract:78 expand:79 migrate:78',
      'between Wallaby and Xena: stopped at contract:78 expand:79 migrate:78',
      'sync-xena, restore',
    ],
    [
      'keystone',
      '11c3b243b4cb e25ffa003242',
      'between Antelope and Bobcat: stopped at 11c3b243b4cb e25ffa003242',
      'sync-bobcat, restore',
    ],
  ])('%s at %j is %s', (service, revision, name, moves) => {
    expect(truth({ service, revision })).toEqual([name, moves]);
  });

  it('names every release that ends there, up to the last that is known', () => {
    const [name] = truth({ service: 'glance', revision: '2024_1_contract01' });

    expect(name).toMatch(/^Caracal, Dalmatian, Epoxy, Flamingo, Gazpacho(?:,| or) Hibiscus/);
  });

  it('says of each release that may end elsewhere where that is', () => {
    const revision = 'contract:79 expand:79 migrate:79';
    const { explanation } = schemaTruth({ service: 'keystone', revision }, knowledge);

    expect(explanation).toMatch(
      /^The schema of Ussuri, Victoria, Wallaby, Xena or Yoga, whole\. Ussuri ends at one of contract:79 .* or contract:78 .*: which one is not certain\. Victoria/,
    );
    expect(explanation).not.toMatch(/(Xena|Yoga) ends/);
  });

  it('tells nova_api from nova', () => {
    expect(truth({ service: 'nova', database: 'nova_api', revision: 2 })[0]).toBe('Kilo');
  });

  it('is refused for a database that nobody knows', () => {
    expect(() => truth({ service: 'swift', revision: 1 })).toThrow(
      expect.objectContaining({ name: 'UnknownDatabase' }),
    );
  });
});
