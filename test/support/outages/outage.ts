import type { EdgeProduct, EdgeProductOptions } from './edge-product.ts';

/** A way in which an edge of the product fails, and stays so. */
export interface Outage {
  readonly make: (product: EdgeProduct) => unknown;
  /** What has to be said of it: of hosts in the log of the run, which the card shows; of the others in the log of processes. */
  readonly says: RegExp;
  /** Ends it. Absent: it stays so. */
  readonly mend?: (product: EdgeProduct) => unknown;
  /** What the product needs for it to be possible. */
  readonly needs?: Pick<EdgeProductOptions, 'redisDiskBytes' | 'homeBytes'>;
}

export type Outages = Readonly<Record<string, Outage>>;
