import type { FastifyInstance, FastifyReply } from 'fastify';
import { notHere, signedService } from '../query/foreign-service.ts';
import { isQuery, queryAnswer } from '../query/query-answer.ts';
import { StoreError } from '../state/store-error.ts';
import { FAULTS, type Fault, fault, isFault } from './fault.ts';
import type { JsonControl, JsonOperation } from './json-operation.ts';
import * as kms from './kms.ts';
import * as secretsManager from './secrets-manager.ts';

const BUILT: ReadonlyMap<string, JsonOperation> = new Map(
  [kms, secretsManager].flatMap((module) =>
    Object.values(module).map((built): [string, JsonOperation] => [built.name, built]),
  ),
);
/** As signatures name them. */
const SERVICES = ['kms', 'secretsmanager'];
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/**
 * Secrets Manager and KMS on the API's own port: all their requests go to `/`, and a header names the
 * operation. So do those of AWS's Query protocol, without the header.
 */
export function addJsonRoute(server: FastifyInstance, control: JsonControl): void {
  server.post('/', async (request, reply) => {
    const target = request.headers['x-amz-target'];
    const { body, id: requestId } = request;
    if (target === undefined && isQuery(body)) {
      const { authorization, accept } = request.headers;
      const { method, url, ip: host, raw } = request;
      const caller = { method, url, rawHeaders: raw.rawHeaders, body, host, now: Date.now() };
      const answered = queryAnswer(control, { ...caller, authorization, requestId, accept });
      return reply.code(answered.status).header('content-type', answered.contentType).send(answered.text);
    }
    if (typeof target !== 'string')
      return send(reply, fault('UnknownOperationException', 'The header X-Amz-Target names no operation.'));
    const operation = BUILT.get(target);
    if (!operation) {
      const service = signedService(request.headers.authorization);
      const message =
        service === '' || SERVICES.includes(service)
          ? `${target.slice(0, 200)} is not built yet.`
          : notHere(target, service);
      return send(reply, fault('UnknownOperationException', message));
    }
    const input = bodyOf(body);
    if (input === undefined)
      return send(reply, fault('SerializationException', 'The request body is not a JSON object.'));
    return send(reply, answer(operation, control, input));
  });
}

function answer(operation: JsonOperation, control: JsonControl, input: object): object {
  try {
    return operation.run(control, input);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return fault(STORE_FAULTS[error.code], error.message);
  }
}

/** Of a store that cannot write, mostly for a full disk, the same may be asked again. */
const STORE_FAULTS = { NOT_STORED: 'ServiceUnavailableException', FULL: 'LimitExceededException' } as const;

/** Undefined when it is no JSON object. What is wrong with it is not repeated: it may hold a secret. */
function bodyOf(body: unknown): object | undefined {
  if (typeof body !== 'string' || body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** boto3 looks for `Message` in some services' errors and `message` in others'; both read the second. */
function send(reply: FastifyReply, answered: object | Fault): FastifyReply {
  reply.header('content-type', CONTENT_TYPE);
  if (!isFault(answered)) return reply.send(JSON.stringify(answered));
  return reply
    .code(FAULTS[answered.fault])
    .header('x-amzn-ErrorType', answered.fault)
    .send(JSON.stringify({ __type: answered.fault, message: answered.message, Message: answered.message }));
}
