import type { FastifyReply } from 'fastify';
import { API_ERRORS, type ApiError } from '../aws/api-error.ts';

/** SDKs take the code from the header first, and `invalidParameter` only in this spelling. */
export function sendError(reply: FastifyReply, { error, message, invalidParameter }: ApiError): FastifyReply {
  return reply
    .code(API_ERRORS[error])
    .header('x-amzn-ErrorType', error)
    .send({ message, ...(invalidParameter === undefined ? {} : { invalidParameter }) });
}
