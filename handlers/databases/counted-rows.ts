import { z } from 'zod';

/** What a counting query answered: rows, or why it could not be answered. */
export const RowCount = z.strictObject({ rows: z.int().nullable(), error: z.string() });
export type RowCount = z.infer<typeof RowCount>;

/**
 * Shell: `count_of DATABASE QUERY` answers one number, `count_line` prints it as data, or why there is none. It needs
 * `sql_in`. The session is read-only, where the server knows that (MySQL 5.6.5, MariaDB 10.0).
 */
export const countShell = `count_of() {
  number=$(printf "%s\\n" "/*!50605 SET SESSION TRANSACTION READ ONLY */;" "$2;" | sql_in "$1" 2>&1) || { echo "$number"; return 1; }
  case $number in
    "" | *[!0-9]*) echo "the query answered \\"$number\\", not one number"; return 1 ;;
    *) echo "$number" ;;
  esac
}
count_line() {
  if answer=$(count_of "$1" "$2"); then printf "count\\t%s\\t\\n" "$answer"
  else printf "count\\t\\t%s\\n" "$(printf "%s" "$answer" | tr "\\t\\n" "  ")"
  fi
}
`;

/** As many counts as were asked for; one that did not come is an error. */
export const readRowCounts = (lines: readonly (readonly string[])[], many: number): RowCount[] =>
  Array.from({ length: many }, (_, index) => {
    const [rows = '', error = 'it was not asked'] = lines[index] ?? [];
    return rows === '' ? { rows: null, error } : { rows: Number(rows), error: '' };
  });
