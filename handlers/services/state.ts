import { z } from 'zod';
import type { Command, CommandOutput } from '../contract/command.ts';

/** What was found of a service. */
export const ServiceState = z.strictObject({
  /** A word of systemd's ActiveState: https://www.freedesktop.org/software/systemd/man/latest/systemctl.html */
  active: z.string(),
  /** More exactly what `active` means, for people; empty when nothing more is known. */
  detail: z.string(),
  /** How it starts at boot, in the words of its manager. */
  boot: z.string(),
  /** Another text for every run of the service; empty when its manager does not tell one run from another. */
  run: z.string(),
});
export type ServiceState = z.infer<typeof ServiceState>;

/** What starts and stops the services of a host. */
export interface ServiceManager {
  readonly probe: (name: string) => readonly Command[];
  /** Throws an OperatorError when there is no such service, or its manager does not answer. */
  readonly parse: (outputs: readonly CommandOutput[], asked: ServiceRequest) => ServiceState;
  readonly isEnabled: (boot: string) => boolean;
  readonly act: (verb: 'start' | 'stop' | 'restart', name: string) => Command;
  /** Starts it on rollback, when what it needs may be starting as well. */
  readonly startAgain: (name: string) => Command;
  /** Waits until what was just started says of itself that it runs, where its start may end before. */
  readonly comesUp: (name: string) => readonly Command[];
  /** Restarts those of them that run. */
  readonly restartRunning: (names: readonly string[]) => readonly Command[];
  readonly enable: (name: string, enabled: boolean) => readonly Command[];
  /** Commands that lead from one way of starting at boot back to another. */
  readonly putBackBoot: (name: string, before: string, now: string) => readonly Command[];
}

export interface ServiceRequest {
  readonly name: string;
  readonly state: 'started' | 'stopped' | 'restarted';
  readonly enabled?: boolean | undefined;
}
