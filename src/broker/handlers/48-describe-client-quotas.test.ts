import { expect, test } from 'vitest';
import { errorName } from '../../protocol/errors.ts';
import { describeClientQuotas } from '../../protocol/messages/48-describe-client-quotas.ts';
import { ask, brokerRecords, imageOf } from '../testing/three-brokers.ts';
import { describeClientQuotasHandler } from './48-describe-client-quotas.ts';

const image = imageOf(...brokerRecords);
const context = { image: () => image };

// Of a component: EXACT 0, DEFAULT 1, whatever the name 2.
const describe = async (...parts: (readonly [entityType: string, matchType: number, match?: string])[]) => {
  const components = parts.map(([entityType, matchType, match = null]) => ({ entityType, matchType, match }));
  const answer = await ask(describeClientQuotas, describeClientQuotasHandler, context, {
    version: 1,
    request: { components, strict: false },
    authorize: () => true,
  });
  return [errorName(answer.errorCode), answer.errorMessage];
};

// Expected: ClientQuotasImage.describe of Apache Kafka, and its ClientQuotasRequestTest.
test('an entity that no release knows is UNSUPPORTED_VERSION', async () => {
  expect(await describe(['other', 2])).toEqual(['UNSUPPORTED_VERSION', 'Unsupported entity type other']);
});

test('addresses have no quotas together with users or client ids', async () => {
  const refusal = [
    'INVALID_REQUEST',
    'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
  ];
  expect(await describe(['ip', 2], ['user', 2])).toEqual(refusal);
  expect(await describe(['client-id', 0, 'app'], ['ip', 1])).toEqual(refusal);
  expect(await describe(['ip', 2])).toEqual(['NONE', '']);
  expect(await describe(['user', 1], ['client-id', 2])).toEqual(['NONE', '']);
});

test.each([
  [[['', 2]], 'Invalid empty entity type.'],
  [
    [
      ['user', 2],
      ['user', 1],
    ],
    'Entity type user cannot appear more than once in the filter.',
  ],
  [[['user', 0]], 'Request specified MATCH_TYPE_EXACT, but set match string to null.'],
  [[['user', 1, 'x']], 'Request specified MATCH_TYPE_DEFAULT, but also specified a match string.'],
  [[['user', 2, 'x']], 'Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.'],
  [[['user', 3]], 'Unknown match type 3'],
] as const)('%j is refused: %s', async (parts, message) => {
  expect(await describe(...parts)).toEqual(['INVALID_REQUEST', message]);
});
