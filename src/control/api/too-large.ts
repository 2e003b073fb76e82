import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badRequest } from '../aws/api-error.ts';
import { sendForeign } from './foreign-request.ts';
import { sendError } from './send-error.ts';

/** The largest request of the model (topics, secrets) is far below; nothing larger is taken. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** So much of a body that is too large is read and thrown away. */
const MOST_THROWN_AWAY = 64 * MAX_BODY_BYTES;

/** Whether this is how Fastify ends a request whose body is larger than that. */
export function isTooLarge(error: Error): boolean {
  return 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
}

/**
 * The answer closes the connection, and a client that is still sending then hears of nothing else: so the
 * rest of the body is read before, within limits.
 */
export async function sendTooLarge(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  await thrownAway(request.raw);
  return (
    sendForeign(request, reply) ??
    sendError(reply, badRequest(`The body of a request has at most ${MAX_BODY_BYTES} bytes.`))
  );
}

/** Resolves at the end of the body, of its connection (whose time the server limits), or of what is read. */
function thrownAway(body: IncomingMessage): Promise<void> {
  if (body.complete || body.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    body.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_THROWN_AWAY) resolve();
    });
    body.once('end', resolve).once('close', resolve).once('error', resolve);
    body.resume();
  });
}
