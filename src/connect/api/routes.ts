import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_ERRORS, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { isConnectArn } from '../../control/aws/arn.ts';
import type { ConnectControl, ConnectOperation } from './connect-operation.ts';
import * as connectorOperations from './connector-operations.ts';
import * as connectors from './connectors.ts';
import * as creation from './create-connector.ts';
import { type ConnectOperationName, OPERATIONS, TAG_OPERATIONS } from './operations.ts';
import * as plugins from './plugins.ts';
import { wrongConnectArn } from './request-arn.ts';
import * as tags from './tags.ts';
import * as update from './update-connector.ts';
import * as workerConfigurations from './worker-configurations.ts';

const BUILT: ReadonlyMap<ConnectOperationName, ConnectOperation> = new Map(
  [connectorOperations, connectors, creation, plugins, tags, update, workerConfigurations].flatMap((module) =>
    Object.values(module).map((built): [ConnectOperationName, ConnectOperation] => [built.name, built]),
  ),
);
const TAGS_PATH = '/v1/tags/';

/** MSK Connect's API on the API's own port. */
export function addConnectRoutes(server: FastifyInstance, control: ConnectControl): void {
  for (const [name, method, path] of OPERATIONS)
    server.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) => answer(name, control, request, reply),
    });
  // The clusters' API has the same path for tags, and answers in another way.
  server.addHook('preHandler', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const name = TAG_OPERATIONS[request.method];
    if (!path.startsWith(TAGS_PATH) || name === undefined) return;
    const resourceArn = decodeURIComponent(path.slice(TAGS_PATH.length));
    if (isConnectArn(resourceArn)) return answer(name, control, request, reply, { resourceArn });
  });
}

async function answer(
  name: ConnectOperationName,
  control: ConnectControl,
  request: FastifyRequest,
  reply: FastifyReply,
  labels: object = isObject(request.params) ? request.params : {},
): Promise<FastifyReply> {
  const built = BUILT.get(name);
  const body = bodyOf(request.body);
  if (!built || body === undefined) {
    const why = built ? 'The request body is not a JSON object.' : `The operation ${name} is not built yet.`;
    return send(reply, badRequest(why));
  }
  const wrong = wrongConnectArn(control.options, control.store.state, labels);
  if (wrong) return send(reply, wrong);
  const query = isObject(request.query) ? request.query : {};
  return send(reply, await built.run(control, { ...body, ...query, ...labels }));
}

/** Undefined when it is no JSON object. */
function bodyOf(body: unknown): object | undefined {
  if (typeof body !== 'string' || body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function send(reply: FastifyReply, answered: object): FastifyReply {
  if (!isApiError(answered)) return reply.send(answered);
  const { error, message } = answered;
  return reply.code(API_ERRORS[error]).header('x-amzn-ErrorType', error).send({ message });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
