import * as sdk from '@aws-sdk/client-kafka';
import { expect, test } from 'vitest';
import { OPERATIONS } from './operations.ts';

/** What the SDK's service model calls an operation. */
const OPERATION_SCHEMA = 9;

test('every operation is where the service model of the AWS SDK has it, and there are no others', () => {
  const modelled: string[] = [];
  for (const schema of Object.values<unknown>(sdk)) {
    if (!Array.isArray(schema) || schema[0] !== OPERATION_SCHEMA) continue;
    const [, , name, traits] = schema;
    const [method, path] = traits.http;
    modelled.push(`${name} ${method} ${path}`);
  }
  expect(modelled).toHaveLength(64);
  expect(OPERATIONS.map((operation) => operation.join(' '))).toEqual(modelled.sort());
});
