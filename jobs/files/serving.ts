import { z } from 'zod';

const url = z
  .string()
  .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s#]*)?$/, 'expected a URL such as https://cloud:8774/v2.1');
const name = z.string().min(1);
const path = z.string().min(1);

/** Where a secret is: it never stands in a cloud file itself. */
const SecretPlace = z.union(
  [
    z.strictObject({ file: path.describe('The file that holds it, for the bot to read.') }),
    z.strictObject({
      env: z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'),
    }),
  ],
  { error: 'expected { file: PATH } or { env: NAME }: no secret stands in this file' },
);

/** How to see whether a cloud serves its users. */
export const CloudServing = z
  .strictObject({
    login: z
      .strictObject({
        url: url.describe("Keystone's address with its version, such as https://cloud:5000/v3."),
        user: name,
        userDomain: name.default('Default'),
        project: name,
        projectDomain: name.default('Default'),
        password: SecretPlace,
      })
      .describe('The account that the APIs are asked with. It needs no more than to read.'),
    apis: z
      .record(
        z.string().regex(/^(?!canary$)[a-z][a-z0-9-]*$/, 'expected the name of a service'),
        url,
      )
      .refine((apis) => Object.keys(apis).length > 0, 'expected at least one API')
      .describe(
        'What is asked for of each API, by the name of its service, such as { nova: https://cloud:8774/v2.1 }.',
      ),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(60)
      .default(5)
      .describe('An API that takes longer to answer is down.'),
    ca: path
      .exactOptional()
      .describe("The certificate of the authority that signs the APIs', if a private one."),
    canary: z
      .strictObject({
        from: name.describe('The host of this file to ping from.'),
        address: z
          .string()
          .regex(/^[0-9A-Za-z][0-9A-Za-z.:-]*$/, 'expected the address of an instance'),
        namespace: z
          .string()
          .regex(/^[0-9A-Za-z][0-9A-Za-z._-]*$/, 'expected the name of a network namespace')
          .exactOptional()
          .describe('The network namespace on that host to ping in, such as qdhcp-… or qrouter-….'),
      })
      .exactOptional()
      .describe('An instance that should answer throughout.'),
  })
  .describe('How to see, while a run lasts, whether the cloud serves its users.');
export type CloudServing = z.infer<typeof CloudServing>;

/** The same with its paths made absolute. */
export function servingWithPaths(
  serving: CloudServing,
  absolute: (written: string) => string,
): CloudServing {
  const { login, ca } = serving;
  const { password } = login;
  return {
    ...serving,
    login: {
      ...login,
      password: 'file' in password ? { file: absolute(password.file) } : password,
    },
    ...(ca !== undefined && { ca: absolute(ca) }),
  };
}
