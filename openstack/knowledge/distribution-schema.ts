import { z } from 'zod';
import { recordByName, SourceText, NonEmptyText } from './schema-words.ts';
import { ReleaseName } from './releases.ts';

const distribution = z.enum(['ubuntu', 'debian']);

/** `$codename` and `$series` stand for the releases of the distribution and of OpenStack that are wanted. */
const template = z
  .string()
  .regex(/^[^\s$]*(\$(codename|series)[^\s$]*)*$/, 'expected $codename or $series');

const DistributionRelease = z.strictObject({
  distribution,
  init: z.enum(['sysv', 'systemd']),
  /** The release in the distribution itself. */
  own: ReleaseName,
  /** The release that it is upgraded to; absent for the newest one. */
  next: NonEmptyText.exactOptional(),
});

/** The distribution releases, what OpenStack they carry, and how services are started there. */
export const DistributionsFile = z.strictObject({
  source: SourceText,
  distributions: recordByName(DistributionRelease),
  cloudArchive: z.strictObject({
    source: SourceText,
    uri: z.url(),
    components: z.array(NonEmptyText).min(1),
    keyPackage: NonEmptyText,
  }),
  /** Debian's OpenStack team's own archive. */
  backports: z.strictObject({
    source: SourceText,
    uri: z.url(),
    suites: z.array(template).min(1),
    components: z.array(NonEmptyText).min(1),
    /** As `extrepo enable openstack_$series` installs it. */
    keyFile: template,
  }),
});

export interface Distributions extends Omit<z.infer<typeof DistributionsFile>, 'distributions'> {
  readonly distributions: Readonly<
    Record<
      string,
      z.infer<typeof DistributionRelease> & {
        /** The releases that an archive beside it carries: the cloud archive for Ubuntu, backports for Debian. */
        readonly archive: readonly ReleaseName[];
      }
    >
  >;
}
