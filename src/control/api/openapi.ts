import { API_ERRORS } from '../aws/api-error.ts';
import { ANSWERS, SHAPES } from './answer-shapes.ts';
import type { ApiOperation } from './operation.ts';
import { MODELLED, OPERATIONS } from './operations.ts';
import { OWN_ANSWERS, OWN_SHAPES } from './own-answers.ts';
import { OWN_OPERATIONS, type OwnOperationName } from './own-operations.ts';
import type { JsonSchema } from './shape.ts';

/** Of MSK's service model. */
const API_VERSION = '2018-11-14';
const ERROR = { $ref: '#/components/schemas/Error' };

/**
 * Every operation of the API as OpenAPI 3.1 says it, from what requests are routed and checked by. Answers of
 * MSK's operations are those of AWS's model, where nothing is required; operations that are not built yet say
 * so.
 */
export function openApi(built: ReadonlyMap<string, ApiOperation>): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [name, method, path] of [...OPERATIONS, ...OWN_OPERATIONS]) {
    const ofPath = paths[path] ?? {};
    paths[path] = ofPath;
    ofPath[method.toLowerCase()] = described(name, { method, path }, built.get(name));
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: API_VERSION,
      description:
        'The control-plane API of Amazon MSK, and what it has no words for under /millrace/v1. ARNs are percent-encoded in paths.',
    },
    paths,
    components: {
      schemas: {
        Error: {
          type: 'object',
          description: `The header x-amzn-ErrorType has its name: ${Object.entries(API_ERRORS)
            .map(([error, status]) => `${error} (${status})`)
            .join(', ')}.`,
          properties: {
            message: { type: 'string' },
            invalidParameter: { type: 'string', description: 'The path of the member that is wrong.' },
          },
          required: ['message'],
        },
        ...mapped(SHAPES, structureSchema),
        ...mapped(OWN_SHAPES, ownSchema),
      },
    },
  };
}

function described(
  name: string,
  { method, path }: { readonly method: string; readonly path: string },
  operation: ApiOperation | undefined,
): JsonSchema {
  const labels = [...path.matchAll(/\{(\w+)\}/g)].map(([, label = '']) => label);
  const { properties = {}, required = [] } = operation?.input.schema ?? {};
  const members = Object.entries(properties).filter(([member]) => !labels.includes(member));
  const asked = method === 'GET' || method === 'DELETE' ? 'query' : 'body';
  return {
    operationId: name,
    tags: [
      MODELLED.some(([modelled]) => modelled === name)
        ? 'MSK'
        : path.startsWith('/millrace/')
          ? 'Millrace'
          : 'MSK, documented',
    ],
    ...(operation ? {} : { 'x-built': false }),
    parameters: [
      ...labels.map((label) => ({
        name: label,
        in: 'path',
        required: true,
        schema: properties[label] ?? { type: 'string' },
      })),
      ...(asked === 'query' ? members : []).map(([member, schema]) => ({
        name: member,
        in: 'query',
        required: required.includes(member),
        schema,
      })),
    ],
    ...(asked === 'body' && members.length > 0
      ? {
          requestBody: {
            required: members.some(([member]) => required.includes(member)),
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(members),
                  required: required.filter((member) => !labels.includes(member)),
                },
              },
            },
          },
        }
      : {}),
    responses: {
      ...(operation ? done(name) : {}),
      default: { description: 'Refused.', content: { 'application/json': { schema: ERROR } } },
    },
  };
}

/** The answer of an operation that is built, by its status. */
function done(name: string): JsonSchema {
  const description = 'Done, or begun.';
  const answer = ANSWERS[name] ?? OWN_ANSWERS[name as OwnOperationName] ?? null;
  return answer === null
    ? { '204': { description } }
    : { '2XX': { description, content: { 'application/json': { schema: typeSchema(answer) } } } };
}

function structureSchema(members: Readonly<Record<string, string>>): JsonSchema {
  return { type: 'object', properties: mapped(members, typeSchema) };
}

/** A shape of ours: what may be left out has a `?` behind its name. */
function ownSchema(members: Readonly<Record<string, string>>): JsonSchema {
  const names = Object.keys(members);
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(members).map(([name, type]) => [name.replace('?', ''), typeSchema(type)]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
  };
}

function mapped<Value>(
  values: Readonly<Record<string, Value>>,
  schemaOf: (value: Value) => JsonSchema,
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, schemaOf(value)]));
}

const NULL_OR = 'null|';
const SIMPLE_TYPES: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  timestamp: { type: 'string', format: 'date-time' },
  blob: { type: 'string', contentEncoding: 'base64' },
};

/** Of a type as answer-shapes.ts and own-answers.ts write it. */
function typeSchema(type: string): JsonSchema {
  if (type.startsWith(NULL_OR)) return { anyOf: [typeSchema(type.slice(NULL_OR.length)), { type: 'null' }] };
  const item = type.slice(1, -1);
  if (type.startsWith('[')) return { type: 'array', items: typeSchema(item) };
  if (type.startsWith('{')) return { type: 'object', additionalProperties: typeSchema(item) };
  return SIMPLE_TYPES[type] ?? { $ref: `#/components/schemas/${type}` };
}
