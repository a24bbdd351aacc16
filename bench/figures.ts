/** The middle of figures, and between which they lay. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = sorted.slice(
    Math.ceil(sorted.length / 2) - 1,
    Math.floor(sorted.length / 2) + 1,
  );
  return {
    median: (low + high) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** `1.20 (1.00-1.50)` */
export function spreadText(figures: readonly number[], digits = 2): string {
  const { median, min, max } = spreadOf(figures);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** The same of figures against those of the same round. */
export const ratioText = (figures: readonly number[], beside: readonly number[]): string =>
  spreadText(figures.map((figure, round) => figure / (beside[round] ?? Number.NaN)));
