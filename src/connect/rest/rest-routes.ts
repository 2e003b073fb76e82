import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import { targetPath } from '../../control/called-names.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { type RestAnswer, restError } from './rest-answer.ts';
import { restAnswer } from './rest-answers.ts';

/**
 * Below it the API has what the REST interface of a Kafka Connect has; clients are given it as their base
 * URL.
 */
const BASE = '/connect';

/** Kafka Connect's own REST interface for all connectors, on the API's port. */
export function addRestRoutes(server: FastifyInstance, control: ConnectControl): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { status, body } = await answered(control, request);
    if (body === null) return reply.code(status).send();
    return reply.code(status).type('application/json; charset=utf-8').send(plainJsonText(body));
  };
  const method = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];
  for (const url of [BASE, `${BASE}/*`]) server.route({ method, url, handler });
}

async function answered(control: ConnectControl, request: FastifyRequest): Promise<RestAnswer> {
  const [path = '', query = ''] = targetPath(request.url).slice(BASE.length).split('?', 2);
  const given = typeof request.body === 'string' && request.body.trim() !== '' ? request.body : null;
  try {
    return await restAnswer(control, {
      method: request.method,
      path: path
        .split('/')
        .filter((part) => part !== '')
        .map(decodeURIComponent),
      query,
      body: given === null ? undefined : readPlainJson(given),
    });
  } catch (error) {
    if (error instanceof SyntaxError) return restError(400, `The request body is no JSON: ${error.message}`);
    throw error;
  }
}
