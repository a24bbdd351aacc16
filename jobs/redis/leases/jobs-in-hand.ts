/** The jobs that each BullMQ worker of this process works on now, by the worker's id. */
const inHand = new Map<string, Set<string>>();

export function jobsInHand(worker: string): Set<string> {
  const jobs = inHand.get(worker) ?? new Set();
  inHand.set(worker, jobs);
  return jobs;
}
