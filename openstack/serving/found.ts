/** What one look at something found. */
export interface Found {
  readonly is: 'up' | 'down' | 'notProbed';
  /** A status, the code of an error, or what is missing. */
  readonly why?: string;
}
