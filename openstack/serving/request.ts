import { request as askPlain } from 'node:http';
import { request as askTls } from 'node:https';
import type { RequestOptions } from 'node:https';

export interface ServingRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The certificates of a private authority. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

export interface ServingAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export type AskOnce = (request: ServingRequest) => Promise<ServingAnswer>;

/** No answer of these is longer than this, and no more of it is read. */
const mostBytes = 1_000_000;

/**
 * One request over a connection of its own, answered to its last byte. Rejects with an Error whose message is a code such as
 * ECONNREFUSED or CERT_HAS_EXPIRED: never with what a server said.
 */
export function askOnce(request: ServingRequest): Promise<ServingAnswer> {
  const { url, method = 'GET', headers = {}, body, ca, timeoutMs } = request;
  const ask = url.startsWith('https:') ? askTls : askPlain;
  const options: RequestOptions = {
    method,
    agent: false,
    headers: { connection: 'close', accept: 'application/json', ...headers },
    ...(ca !== undefined && { ca }),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      asking.destroy();
      reject(new Error(codeOf(error)));
    };
    const asking = ask(url, options, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > mostBytes) fail(new Error('too long an answer'));
        parts.push(part);
      });
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts).toString(),
        });
      });
    });
    const timer = setTimeout(
      () => fail(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    asking.on('error', fail);
    asking.end(body);
  });
}

/** `ECONNREFUSED`, or what an error of ours says. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no answer';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};
