import { z } from 'zod';

/** What a step is for, whatever kind does it: the same word in every plan, so that runs can be compared. */
export const purposes = {
  check: 'looks whether something is as it should be',
  'upgrade-check': "a service's own check, such as nova-status upgrade check",
  'smoke-test': 'uses the cloud as a user does',
  report: 'collects what people should read afterwards',
  drain: 'keeps what is new away from a host or backend, or moves what is there off it',
  enable: 'lets it come back',
  'block-starts': 'keeps packages from starting services',
  'allow-starts': 'lets packages start services again',
  stop: 'stops a service',
  start: 'starts a service',
  restart: 'restarts a service, or a host',
  'back-up': 'makes what a rollback restores databases from',
  'snapshot-hosts': 'makes what a rollback restores whole hosts from',
  'keep-packages': 'keeps what a rollback installs',
  'switch-repository': 'changes where packages come from',
  'upgrade-packages': 'installs and upgrades packages',
  'remove-packages': 'removes packages',
  'repair-packages': 'brings packages into order again',
  'write-configuration': 'changes what a service is told',
  'sync-schema': 'changes the schema of a database',
  'migrate-data': 'changes rows of a database',
  'pin-rpc': 'lets services of two releases understand each other',
  'unpin-rpc': 'ends that',
  'clean-up': 'removes what is no longer wanted',
  'by-hand': 'a person does what none of these says',
} as const satisfies Readonly<Record<string, string>>;

export type Purpose = keyof typeof purposes;

// Object.keys says string[], whatever the object.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
export const Purpose = z.enum(Object.keys(purposes) as [Purpose, ...Purpose[]]);

/** The hop of an upgrade that a step belongs to: releases of OpenStack, or of the distribution where only that moves. */
export const StepHop = z.strictObject({
  /** Absent in plans of older versions, which said only where a hop leads. */
  from: z.string().min(1).exactOptional(),
  to: z.string().min(1),
});
export type StepHop = z.infer<typeof StepHop>;
