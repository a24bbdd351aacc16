import type { RunEvent } from '../../../jobs/run/events.ts';

const unbooked = ['ServingChanged', 'ServingBreached', 'StepFoundSlow', 'LossCounted'] as const;

/** What is served, and how long things take, change nothing that an observer keeps book of. */
export type BookedEvent = Exclude<RunEvent, { type: (typeof unbooked)[number] }>;

export const isBooked = (event: RunEvent): event is BookedEvent =>
  !unbooked.some((type) => type === event.type);
