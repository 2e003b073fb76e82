import type { FastifyInstance } from 'fastify';
import { badRequest } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { Access } from './access.ts';
import { foreignRegion } from './request-place.ts';
import { sendError } from './send-error.ts';

/** Refuses what no operation sees: other hosts, origins and regions, and bodies that are not plain. */
export function addRequestGate(server: FastifyInstance, { options }: Control): void {
  const access = new Access([
    options.host,
    ...options.advertised.map(({ name }) => name),
    ...(options.apiNames ?? []),
  ]);
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-RequestId', request.id);
    const refusal = access.refusal(request.raw, {
      origin: request.headers.origin,
      localAddress: request.socket.localAddress,
    });
    if (refusal) return sendError(reply, refusal);
    const foreign = foreignRegion(options, request.headers.authorization, request.query);
    if (foreign) return sendError(reply, foreign);
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity')
      return sendError(
        reply,
        badRequest(
          `The request's Content-Encoding is ${encoding.slice(0, 64)}: this API reads bodies that are not compressed.`,
        ),
      );
  });
}
