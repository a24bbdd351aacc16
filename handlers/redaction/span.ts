/** A secret in a text: from `start` up to `end`. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
}

/** Spans in order, where overlapping ones are one. */
export function unionOfSpans(spans: readonly SecretSpan[]): SecretSpan[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1);
    if (end <= start) continue;
    if (last === undefined || start >= last.end) merged.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return merged;
}

/** Where a group of a pattern with the flags `d` and `g` matched, each time. */
export function groupSpans(pattern: RegExp, text: string, group = 1): SecretSpan[] {
  return matchesOf(pattern, text).flatMap(({ indices }) => {
    const found = indices?.[group];
    return found === undefined ? [] : [{ start: found[0], end: found[1] }];
  });
}

/**
 * All matches of a pattern with the flag `g`. `matchAll` makes a copy of the pattern each time, which is most of what looking
 * at a line costs where hardly any pattern is found.
 */
export function matchesOf(pattern: RegExp, text: string): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    found.push(match);
    if (match[0] === '') pattern.lastIndex += 1;
  }
  return found;
}

/** What of these spans, in order, lies outside of those. */
export const spansOutside = (
  spans: readonly SecretSpan[],
  holes: readonly SecretSpan[],
): SecretSpan[] =>
  holes.reduce(
    (kept, hole) =>
      kept.flatMap((span) => {
        if (hole.end <= span.start || hole.start >= span.end) return [span];
        return [
          { start: span.start, end: hole.start },
          { start: hole.end, end: span.end },
        ].filter(({ start, end }) => end > start);
      }),
    [...spans],
  );
