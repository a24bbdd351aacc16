/** Cheaper than a matcher, and it is asked some hundred thousand times. */
export function mustHold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`broken: ${what}`);
}
