/**
 * A script with values in the places of names such as `__LIMIT__`. Throws for a name without a value: what is left would run.
 */
export const filled = (script: string, values: Readonly<Record<string, string | number>>): string =>
  script.replaceAll(/__([A-Z]+(?:_[A-Z]+)*)__/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`a script has ${name}, and nothing to put there`);
    return String(value);
  });
