import type { FastifyReply, FastifyRequest } from 'fastify';
import { notHere, s3Error, signedService } from '../query/foreign-service.ts';
import { sendError } from './send-error.ts';

/** As signatures name MSK and MSK Connect. */
const SERVICES = ['', 'kafka', 'kafkaconnect'];

/**
 * Answers a request that is signed for a service of AWS that is not here, in the form of that service. Null
 * for any other request, which is not answered.
 */
export function sendForeign(request: FastifyRequest, reply: FastifyReply): FastifyReply | null {
  const service = signedService(request.headers.authorization);
  if (SERVICES.includes(service)) return null;
  const message = notHere(`${request.method} ${request.url}`, service);
  return service === 's3'
    ? reply.code(501).header('content-type', 'application/xml').send(s3Error(message, request.id))
    : sendError(reply, { error: 'NotFoundException', message });
}
