/** The loopback address of a stand-in host by its number, from 0. */
export const addressAt = (index: number): string =>
  `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
