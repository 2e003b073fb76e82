import { randomUUID } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import { withoutByteOrderMark } from '../../base/byte-order-mark.ts';
import type { Logger } from '../../base/log.ts';
import { boundConnections } from '../../platform/http-connections.ts';
import { badRequest } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { addJsonRoute } from '../json/json-route.ts';
import { StoreError } from '../state/store-error.ts';
import { BUILT } from './built-operations.ts';
import { clientErrorHandler } from './client-error.ts';
import { sendForeign } from './foreign-request.ts';
import { openApi } from './openapi.ts';
import { addOperationRoutes } from './operation-routes.ts';
import { addProbes } from './probes.ts';
import { addRequestGate } from './request-gate.ts';
import { sendError } from './send-error.ts';
import { isTooLarge, MAX_BODY_BYTES, sendTooLarge } from './too-large.ts';

/** Two percent-encoded ARNs of the longest names stand in one path (DescribeChannel). */
const MAX_LABEL_LENGTH = 2048;
/** A request that does not arrive in this time gives its socket back. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Each takes a file of this process, which needs files for the clusters it keeps, and may hold a body in
 * memory.
 */
const MOST_CONNECTIONS = 500;

/** The API over HTTP, not yet listening. */
export function apiServer(control: Control, log: Logger): FastifyInstance {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_LABEL_LENGTH },
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // One that is missing is refused below, with the envelope of every other error.
    http: { requireHostHeader: false },
    // A path that is no percent-encoding, for one: refused before any route is found, and before any hook.
    frameworkErrors: (error, request, reply) =>
      sendError(reply.header('x-amzn-RequestId', request.id), badRequest(error.message)),
    clientErrorHandler,
  });
  boundConnections(server.server, MOST_CONNECTIONS);
  if (control.options.keepsAlive === false) {
    server.server.unref();
    server.server.on('connection', (socket) => socket.unref());
  }
  addRequestGate(server, control);
  addRequestLog(server, log);
  // SDKs say application/json; people with curl say nothing or a form. It is JSON in every case, also where
  // the type is one that Fastify would refuse before it looks for a parser.
  server.addHook('onRequest', async ({ raw }) => {
    if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/json';
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, withoutByteOrderMark(String(body)));
  });

  addOperationRoutes(server, control);
  server.get('/openapi.json', async (_request, reply) => reply.send(openApi(BUILT)));
  server.get('/ca.pem', async (_request, reply) =>
    reply.type('application/x-pem-file').send(control.certificates.ca),
  );
  addProbes(server, control);
  addJsonRoute(server, control);
  addErrors(server, log);
  return server;
}

function addRequestLog(server: FastifyInstance, log: Logger): void {
  // By the id that the caller has from the answer, what was asked for is found in the log.
  server.addHook('onResponse', async (request, reply) => {
    const isChange = request.method !== 'GET';
    log[isChange ? 'info' : 'debug'](`${request.method} ${request.url.slice(0, MAX_LABEL_LENGTH)}`, {
      requestId: request.id,
      operation: request.routeOptions.config.operation ?? request.headers['x-amz-target'],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });
}

/** Of a store that cannot write, mostly for a full disk, the same may be asked again. */
const STORE_ERRORS = { NOT_STORED: 'ServiceUnavailableException', FULL: 'BadRequestException' } as const;

/** A path with an ARN whose slashes part it, as whoever calls the API by hand writes it first. */
const HAS_PLAIN_ARN = /^[^?]*\/arn:[^/?]*\//;

/** What no route takes, and what failed on its way. */
function addErrors(server: FastifyInstance, log: Logger): void {
  server.setNotFoundHandler(
    (request, reply) =>
      sendForeign(request, reply) ??
      sendError(reply, {
        error: 'NotFoundException',
        message: `No operation has ${request.method} ${request.url.slice(0, 200)}.${HAS_PLAIN_ARN.test(request.url) ? ' An ARN in a path is percent-encoded, with %2F for each / in it.' : ''}`,
      }),
  );
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (isTooLarge(error)) return sendTooLarge(request, reply);
    if (error.statusCode !== undefined && error.statusCode < 500)
      return sendError(reply, badRequest(error.message));
    if (error instanceof StoreError)
      return sendError(reply, { error: STORE_ERRORS[error.code], message: error.message });
    log.error('A request failed', {
      error,
      requestId: request.id,
      method: request.method,
      url: request.url,
    });
    return sendError(reply, { error: 'InternalServerErrorException', message: 'See the log of Millrace.' });
  });
}
