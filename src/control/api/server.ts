import { randomUUID } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from '../../base/log.ts';
import { API_ERRORS, type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { addJsonRoute } from '../json/json-route.ts';
import { StoreError } from '../state/store-error.ts';
import { Access, namedHost } from './access.ts';
import * as acls from './acls.ts';
import * as caRenewal from './ca-renewal.ts';
import * as clientCas from './client-cas.ts';
import { clientErrorHandler } from './client-error.ts';
import * as clusterOperations from './cluster-operations.ts';
import * as clusters from './clusters.ts';
import * as configurations from './configurations.ts';
import * as connectivity from './connectivity.ts';
import * as disk from './disk.ts';
import * as events from './events.ts';
import * as faults from './faults.ts';
import * as health from './health.ts';
import * as monitoring from './monitoring.ts';
import * as nodes from './nodes.ts';
import { openApi } from './openapi.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { OWN_OPERATIONS } from './own-operations.ts';
import * as policies from './policies.ts';
import * as ports from './ports.ts';
import { addProbes } from './probes.ts';
import * as queue from './queue.ts';
import { foreignRegion, wrongArn } from './request-place.ts';
import * as scaling from './scaling.ts';
import * as scramSecrets from './scram-secrets.ts';
import * as security from './security.ts';
import * as serverProcess from './server-process.ts';
import * as storage from './storage.ts';
import * as tags from './tags.ts';
import * as topics from './topics.ts';
import * as updates from './updates.ts';
import * as versions from './versions.ts';

/** The largest request of the model (topics, secrets) is far below; nothing larger is read. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Two percent-encoded ARNs of the longest names stand in one path (DescribeChannel). */
const MAX_LABEL_LENGTH = 2048;
/** A request that does not arrive in this time gives its socket back. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Each takes a file of this process, which needs files for the clusters it keeps, and may hold a body in
 * memory.
 */
const MOST_CONNECTIONS = 500;

/** By their names. */
export const BUILT: ReadonlyMap<string, Operation> = new Map(
  [
    acls,
    caRenewal,
    clientCas,
    clusterOperations,
    clusters,
    configurations,
    connectivity,
    disk,
    events,
    faults,
    health,
    monitoring,
    nodes,
    policies,
    ports,
    queue,
    scaling,
    scramSecrets,
    security,
    serverProcess,
    storage,
    tags,
    topics,
    updates,
    versions,
  ].flatMap((module) => Object.values(module).map((built): [string, Operation] => [built.name, built])),
);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the API, where the route is one. */
    operation?: string;
  }
}

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
  server.server.maxConnections = MOST_CONNECTIONS;
  if (control.options.keepsAlive === false) {
    server.server.unref();
    server.server.on('connection', (socket) => socket.unref());
  }
  const access = new Access([
    control.options.host,
    ...control.options.advertised.map(({ name }) => name),
    ...(control.options.apiNames ?? []),
  ]);

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-RequestId', request.id);
    const refusal = access.refusal({
      host: request.headers.host,
      origin: request.headers.origin,
      localAddress: request.socket.localAddress,
    });
    if (refusal) return sendError(reply, refusal);
    const foreign = foreignRegion(control.options, request.headers.authorization, request.query);
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

  // SDKs say application/json; people with curl say nothing or a form. It is JSON in every case.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });

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
            : await built.run(control, input.value, { host: namedHost(request.headers.host) });
        if (answer === null) return reply.code(204).send();
        return isApiError(answer) ? sendError(reply, answer) : reply.send(answer);
      },
    });
  }

  server.get('/openapi.json', async (_request, reply) => reply.send(openApi(BUILT)));
  server.get('/ca.pem', async (_request, reply) =>
    reply.type('application/x-pem-file').send(control.certificates.ca),
  );
  addProbes(server, control);
  addJsonRoute(server, control);

  server.setNotFoundHandler((request, reply) =>
    sendError(reply, {
      error: 'NotFoundException',
      message: `No operation has ${request.method} ${request.url.slice(0, 200)}.`,
    }),
  );
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
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
  return server;
}

/** Of a store that cannot write, mostly for a full disk, the same may be asked again. */
const STORE_ERRORS = { NOT_STORED: 'ServiceUnavailableException', FULL: 'BadRequestException' } as const;

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

/** SDKs take the code from the header first, and `invalidParameter` only in this spelling. */
function sendError(reply: FastifyReply, { error, message, invalidParameter }: ApiError): FastifyReply {
  return reply
    .code(API_ERRORS[error])
    .header('x-amzn-ErrorType', error)
    .send({ message, ...(invalidParameter === undefined ? {} : { invalidParameter }) });
}
