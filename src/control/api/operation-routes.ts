import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { namedHost } from './access.ts';
import { BUILT } from './built-operations.ts';
import { OPERATIONS } from './operations.ts';
import { OWN_OPERATIONS } from './own-operations.ts';
import { wrongArn } from './request-place.ts';
import { sendError } from './send-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the API, where the route is one. */
    operation?: string;
  }
}

/** A route for each operation of MSK's model and of our own, by method and path. */
export function addOperationRoutes(server: FastifyInstance, control: Control): void {
  for (const [name, method, path] of [...OPERATIONS, ...OWN_OPERATIONS]) {
    const built = BUILT.get(name);
    server.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { operation: name },
      handler: async (request, reply) => {
        if (!built) return sendError(reply, badRequest(`The operation ${name} is not built yet.`));
        const wrong = wrongArn(control.options, control.store.clusters, labelsOf(request));
        if (wrong) return sendError(reply, wrong);
        const input = requestInput(request);
        const answer =
          'error' in input
            ? input.error
            : await built.run(control, input.value, { host: namedHost(request.raw) });
        if (answer === null) return reply.code(204).send();
        return isApiError(answer) ? sendError(reply, answer) : reply.send(answer);
      },
    });
  }
}

/** The members of a request, wherever they travelled: labels of the path, the query, or the body. */
function requestInput(request: FastifyRequest): { value: unknown } | { error: ApiError } {
  const labels = labelsOf(request);
  if (request.method === 'GET' || request.method === 'DELETE')
    return { value: { ...(isObject(request.query) ? request.query : {}), ...labels } };
  if (typeof request.body !== 'string' || request.body.trim() === '') return { value: labels };
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { error: badRequest(`The request body is not JSON: ${error.message}`) };
  }
  return { value: isObject(body) ? { ...body, ...labels } : body };
}

function labelsOf({ params }: FastifyRequest): object {
  return isObject(params) ? params : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
