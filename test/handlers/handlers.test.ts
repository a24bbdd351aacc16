import { describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { BoundHandler } from '../../handlers/contract/handler.ts';
import { handlers } from '../../handlers/index.ts';
import { canonicalJson } from '../../jobs/run/plan.ts';
import { kindsWithCases, readCases, regex, showCommand, type HandlerCase } from './cases.ts';

it('knows cases of every registered kind, and of no other', () => {
  expect(kindsWithCases().toSorted()).toEqual(Object.keys(handlers).toSorted());
});

describe.each(Object.values(handlers))('$kind', (handler) => {
  const cases = readCases(handler.kind);

  it.each(cases)('$it', (one) => {
    if (one.refused !== undefined) {
      expect(() => handler.bind(one.params)).toThrow(regex(one.refused));
      return;
    }
    const bound = handler.bind(one.params);
    if (one.error === undefined) expectCase(bound, one);
    else expect(messageOf(() => bound.parse(one.outputs))).toMatch(regex(one.error));
  });

  it('lets people read what it keeps unseen, line by line', () => {
    const all = cases.filter(({ refused }) => !refused).map(({ params }) => handler.bind(params));
    for (const { apply, masked } of all)
      for (const { stdin, secret } of apply)
        if (stdin !== undefined && secret === true)
          expect(masked()?.split('\n')).toHaveLength(stdin.split('\n').length);
  });

  it('says on one line what it does, and what of that it changes', () => {
    for (const { params, refused } of cases) {
      if (refused !== undefined) continue;
      const { says = '', changes = [] } = handler.deedOf(params) ?? {};
      expect(says).toMatch(/^[^\n]{4,}$/);
      for (const { name } of changes) expect(name).not.toBe('');
    }
    expect(cases.some(({ does }) => does !== undefined)).toBe(true);
  });

  it('says what each of its fields is for', () => {
    expect(handler.params.toJSONSchema({ io: 'input' })).toMatchObject({
      additionalProperties: false,
    });
    expect(undescribed(handler.params.toJSONSchema({ io: 'input' }))).toEqual([]);
  });

  it('shows a word that needs quoting', () => {
    const lines = cases.flatMap(({ probe = [], apply = [], undo = [] }) => [
      ...probe,
      ...apply,
      ...undo,
    ]);

    const doer = handler.bind(cases.find(({ refused }) => !refused)?.params).doer;
    expect(doer === 'person' || lines.some((line) => JSON.stringify(line).includes("'"))).toBe(
      true,
    );
  });
});

/** Checks what the case says, and only that. */
function expectCase(bound: BoundHandler, one: HandlerCase): void {
  const before = throughJson(bound.parse(one.outputs));
  const now = one.after && throughJson(bound.parse(one.after));
  const said: Record<string, () => unknown> = {
    probe: () => bound.probe.map(showCommand),
    found: () => before,
    done: () => bound.isDone(before) ?? null,
    apply: () => bound.apply.map(showCommand),
    masked: () => bound.masked(),
    does: () => {
      const deed = handlers[bound.kind]?.deedOf(one.params);
      return {
        says: deed?.says,
        changes: deed?.changes.map(({ what, name }) => `${what} ${name}`),
        ...(deed?.details && { details: deed.details }),
      };
    },
    changes: () => bound.changes(before),
    exit: () => bound.reversibility,
    asks: () => bound.asks,
    undoByPerson: () => bound.undoByPerson,
    refuses: () => matching(one.refuses, () => bound.isDone(before)),
    refusesAfter: () => matching(one.refusesAfter, () => bound.isDone(now, before)),
    doneAfter: () => bound.isDone(now, before) ?? null,
    undo: () => bound.undo(before, now ?? before).map(showCommand),
    restored: () => bound.isRestored(before, one.afterUndo && bound.parse(one.afterUndo)),
  };
  const expected = Object.entries(one).filter(([key]) => key in said);

  expect(expected).not.toEqual([]);
  expect(expected.map(([key]) => [key, said[key]?.()])).toEqual(expected);
}

/** The text of a regex, when it matches the OperatorError that is thrown; else its message, or nothing. */
function matching(text = '', act: () => unknown): string {
  const message = messageOf(act);
  return regex(text).test(message) ? text : message;
}

// The state waits in the event log between steps: it has to survive that.
/** As the event log keeps it: with the keys in its own order. */
const throughJson = (state: unknown): unknown => JSON.parse(canonicalJson(state));

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof OperatorError) return `${error.message}\n${error.hint}`;
    throw error;
  }
  throw new Error('it was read without an error');
}

/** Paths of the fields in a JSON Schema that have no description. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  // A cast, since zod's type of a JSON Schema lets every part be a boolean too.
  const { properties = {}, anyOf = [] } = schema as {
    properties?: Record<string, object>;
    anyOf?: object[];
  };
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [
      ...('description' in value ? [] : [`${path}${key}`]),
      ...undescribed(value, `${path}${key}.`),
    ]),
    ...anyOf.flatMap((value) => undescribed(value, path)),
  ];
}
