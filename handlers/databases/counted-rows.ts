import { z } from 'zod';

/** What a counting query answered: rows, or why it could not be answered. */
export const RowCount = z.strictObject({ rows: z.int().nullable(), error: z.string() });
export type RowCount = z.infer<typeof RowCount>;

/** As many counts as were asked for; one that did not come is an error. */
export const readRowCounts = (lines: readonly (readonly string[])[], many: number): RowCount[] =>
  Array.from({ length: many }, (_, index) => {
    const [rows = '', error = 'it was not asked'] = lines[index] ?? [];
    return rows === '' ? { rows: null, error } : { rows: Number(rows), error: '' };
  });
