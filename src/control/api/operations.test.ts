import * as sdk from '@aws-sdk/client-kafka';
import { expect, test } from 'vitest';
import { DOCUMENTED, MODELLED } from './operations.ts';

/** What the SDK's service model calls an operation. */
const OPERATION_SCHEMA = 9;

function modelled(): string[] {
  const found: string[] = [];
  for (const schema of Object.values<unknown>(sdk)) {
    if (!Array.isArray(schema) || schema[0] !== OPERATION_SCHEMA) continue;
    const [, , name, traits] = schema;
    const [method, path] = traits.http;
    found.push(`${name} ${method} ${path}`);
  }
  return found.sort();
}

test('every operation is where the service model of the AWS SDK has it, and there are no others', () => {
  expect(MODELLED.map((operation) => operation.join(' '))).toEqual(modelled());
});

test('an operation is told as documented only until the SDK has it', () => {
  const names = modelled().map((operation) => operation.split(' ')[0]);
  expect(DOCUMENTED.map(([name]) => name).filter((name) => names.includes(name))).toEqual([]);
});
