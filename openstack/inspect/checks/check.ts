import type { CommandOutput } from '../../../handlers/contract/command.ts';
import type { ReleaseName } from '../../knowledge/releases.ts';
import type { CheckFacts, Finding } from '../finding.ts';
import type { InspectedUnit, Inspection, InstalledPackages } from '../inspection.ts';
import type { InspectionQuestion } from '../question.ts';
import type { InspectionSubject } from '../subject.ts';

/**
 * One thing that inspection looks at: which hosts are asked what, without changing them, and what their answers mean.
 * Findings say which hop they concern. Pure.
 */
export interface InspectionCheck {
  readonly id: string;
  /** Whether the others read what it has found. */
  readonly isFirst?: boolean;
  readonly ask: (subject: InspectionSubject) => readonly Asked[];
  readonly read: (said: readonly CheckAnswer[], context: CheckContext) => CheckReading;
}

type Asked = Omit<InspectionQuestion, 'check'>;

export interface CheckAnswer {
  readonly host: string;
  readonly about?: unknown;
  readonly outputs: readonly CommandOutput[];
}

export interface CheckReading {
  readonly findings?: readonly Finding[];
  /** What plans depend on. */
  readonly facts?: CheckFacts;
  /** What is shown as it is, and what later checks read. */
  readonly found?: CheckFound;
}

export interface CheckFound extends Partial<
  Pick<Inspection, 'series' | 'unnamed' | 'databases' | 'room' | 'memcached' | 'backends' | 'cron'>
> {
  /** By host: the name that its system gives itself. */
  readonly systems?: Readonly<Record<string, string>>;
  /** By host that answered. */
  readonly packages?: Readonly<Record<string, InstalledPackages>>;
  /** By host. */
  readonly units?: Readonly<Record<string, readonly InspectedUnit[]>>;
}

export interface CheckContext extends InspectionSubject {
  /** By the checks that are read first, and others before this one. */
  readonly found: CheckFound;
  /** The releases that the cloud's services are of. */
  readonly series: readonly ReleaseName[];
  /** ISO 8601. */
  readonly now: string;
}

/** What was asked, or answered, about something. */
type Of<T, About> = T & { readonly about: About };

interface CheckAbout<About> extends Pick<InspectionCheck, 'id' | 'isFirst'> {
  readonly ask: (subject: InspectionSubject) => readonly Of<Asked, About>[];
  readonly read: (said: readonly Of<CheckAnswer, About>[], context: CheckContext) => CheckReading;
}

/** A check whose answers have to be told apart: each comes back with what its question was about. */
export const checkAbout = <About>({ read, ...check }: CheckAbout<About>): InspectionCheck => ({
  ...check,
  read: (said, context) => read(said.filter(isAbout<About>), context),
});

/** A check is handed what it asked itself, so that is what its answers are about. */
const isAbout = <About>(said: CheckAnswer): said is Of<CheckAnswer, About> => 'about' in said;

/** Rows of what a check's script printed: a tag and its values, separated by tabs. */
export const taggedRows = (said: CommandOutput | undefined, tag: string): string[][] =>
  (said?.stdout ?? '')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([first]) => first === tag)
    .map((cells) => cells.slice(1));
