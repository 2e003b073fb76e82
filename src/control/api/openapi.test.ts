import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-kafka';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { answerShapes } from '../../../scripts/answer-shapes.ts';
import { BUILT } from './built-operations.ts';
import { openApi } from './openapi.ts';
import { MODELLED, OPERATIONS } from './operations.ts';
import { OWN_OPERATIONS } from './own-operations.ts';
import type { JsonSchema } from './shape.ts';

interface Described {
  readonly operationId: string;
  readonly 'x-built'?: boolean;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: JsonSchema }[];
  readonly requestBody?: {
    readonly content: Content;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
type Content = { readonly 'application/json': { readonly schema: JsonSchema } };
const DOCUMENT = openApi(BUILT) as {
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, JsonSchema> };
};
const DESCRIBED = new Map(
  Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [one.operationId, { ...one, method, path }] as const),
  ),
);

test('every operation is described where it is served, and every label of a path is a parameter', () => {
  expect(
    [...DESCRIBED.values()].map(({ operationId, method, path }) => [operationId, method.toUpperCase(), path]),
  ).toEqual(expect.arrayContaining([...OPERATIONS, ...OWN_OPERATIONS].map(([...route]) => route)));
  expect(DESCRIBED.size).toBe(OPERATIONS.length + OWN_OPERATIONS.length);
  for (const { path, parameters } of DESCRIBED.values())
    expect(parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)).toEqual(
      path.match(/\{\w+\}/g) ?? [],
    );
});

test('the document is valid OpenAPI 3.1', async () => {
  // As it travels; the validator changes what it is given.
  const document: Record<string, unknown> = JSON.parse(JSON.stringify(DOCUMENT));
  expect(await new Validator().validate(document)).toEqual({ valid: true });
});

test('answers are those of the model in the AWS SDK', () => {
  expect(readFileSync(join(import.meta.dirname, 'answer-shapes.ts'), 'utf8')).toBe(answerShapes());
  const { properties } = answerOf('DescribeCluster');
  expect(properties?.clusterInfo).toEqual({ $ref: '#/components/schemas/ClusterInfo' });
  expect(answerOf('ListTagsForResource').properties?.tags).toEqual({
    type: 'object',
    additionalProperties: { type: 'string' },
  });
});

/** The shape that an operation answers with. */
function answerOf(operation: string): JsonSchema {
  const { $ref } = DESCRIBED.get(operation)?.responses['2XX']?.content?.['application/json'].schema ?? {};
  return DOCUMENT.components.schemas[String($ref).split('/').at(-1) ?? ''] ?? {};
}

/**
 * A structure of the SDK's model: `[3, namespace, name, traits, names, members, how many of the first are
 * required]`.
 */
const STRUCTURE = 3;
const OPERATION = 9;
type Traits = { jsonName?: string; httpQuery?: string };

function resolved(schema: unknown): unknown {
  return typeof schema === 'function' ? schema() : schema;
}

/** The members of a structure by their names on the wire. */
function membersOf(schema: unknown): { name: string; schema: unknown; isRequired: boolean }[] | null {
  const found = resolved(schema);
  if (!Array.isArray(found) || found[0] !== STRUCTURE) return null;
  const [, , , , names = [], members = [], required = 0] = found;
  return members.map((member: unknown, index: number) => {
    const [type, traits] =
      Array.isArray(member) && member.length === 2 && typeof member[0] !== 'string' ? member : [member, {}];
    const { jsonName, httpQuery }: Traits = typeof traits === 'object' ? traits : {};
    return { name: jsonName ?? httpQuery ?? names[index], schema: type, isRequired: index < required };
  });
}

/** Where a request of ours differs from the model's, by the paths of members. */
function differences(ours: JsonSchema, theirs: unknown, at: string): string[] {
  const members = membersOf(theirs);
  if (!members || ours.properties === undefined) return [];
  const { properties, required = [] } = ours;
  return [
    ...Object.keys(properties)
      .filter((name) => !members.some((member) => member.name === name))
      .map((name) => `${at}.${name} is not in the model`),
    ...members.flatMap(({ name, schema, isRequired }) => {
      const own = properties[name];
      if (!own) return [`${at}.${name} is not read`];
      const wrong = isRequired && !required.includes(name) ? [`${at}.${name} is required`] : [];
      return [...wrong, ...differences(own, schema, `${at}.${name}`)];
    }),
  ];
}

test('requests have the members of the AWS SDK’s model, but for what is known to be left out', () => {
  const inputs = new Map<string, unknown>();
  for (const schema of Object.values<unknown>(sdk))
    if (Array.isArray(schema) && schema[0] === OPERATION) inputs.set(schema[2], schema[4]);
  const found = MODELLED.flatMap(([name]) => {
    const operation = BUILT.get(name);
    return operation ? differences(operation.input.schema, inputs.get(name), name) : [];
  });
  expect(found).toEqual([
    // Serverless clusters are refused.
    'CreateClusterV2.serverless.vpcConfigs is not read',
    'CreateClusterV2.serverless.clientAuthentication is not read',
    // Documented since August 2026.
    'UpdateBrokerType.topicReassignment is not in the model',
  ]);
});
