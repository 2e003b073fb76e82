import {
  type Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest, type Agent as TlsAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';

/** Of the text of an error, whose size does not follow from what was asked for. */
const MOST_ERROR_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly method: string;
  readonly origin: URL;
  /** With its query, percent-encoded; sent as it is, where a URL would take `..` out of a key. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The answer has more bytes than the asker takes. */
export class AnswerTooLong extends Error {}

/**
 * One request and its whole answer, of `most` bytes at most. A connection on which nothing moves for `idleMs`
 * is given up. `into` takes the body of an answer 200 instead; then `body` is empty. Rejects with
 * AnswerTooLong, with what `into` rejects with, and with the system's error when there is no answer or only a
 * part of one.
 */
export function exchange(
  { method, origin, path, headers, body }: HttpRequest,
  agent: Agent | TlsAgent,
  { most, idleMs }: { readonly most: number; readonly idleMs: number },
  into?: (answer: IncomingMessage) => Promise<void>,
): Promise<HttpAnswer> {
  const send = origin.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send({
      ...urlToHttpOptions(origin),
      method,
      path,
      agent,
      headers:
        method === 'GET' || method === 'HEAD'
          ? headers
          : { ...headers, 'content-length': String(body?.length ?? 0) },
    });
    request.setTimeout(idleMs, () =>
      request.destroy(
        Object.assign(new Error(`no answer in ${idleMs / 1000} seconds`), { code: 'ETIMEDOUT' }),
      ),
    );
    request.once('error', reject);
    request.once('response', (answer) => {
      const status = answer.statusCode ?? 0;
      const bodyOf =
        into && status === 200
          ? into(answer).then(() => Buffer.alloc(0))
          : read(answer, status < 300 ? most : MOST_ERROR_BYTES);
      bodyOf.then(
        (bytes) => resolve({ status, headers: answer.headers, body: bytes }),
        (error: unknown) => {
          request.destroy();
          reject(error);
        },
      );
    });
    request.end(body ?? undefined);
  });
}

async function read(answer: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += chunk.length;
    if (length > most) throw new AnswerTooLong(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
