import { describe, expect, test } from 'vitest';
import type { AnyApi } from '../protocol/api.ts';
import { apis } from '../protocol/apis.ts';
import { defaultOf } from '../protocol/complete.ts';
import { errorCode } from '../protocol/errors.ts';
import { Reader } from '../protocol/reader.ts';
import { sampleRequest } from '../protocol/testing/sample-requests.ts';
import { Writer } from '../protocol/writer.ts';
import { errorAnswer } from './error-answer.ts';

const PLACE = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' };
const CODE = errorCode('UNKNOWN_SERVER_ERROR');

const versions = Object.values<AnyApi>(apis).flatMap((api) =>
  Array.from({ length: api.versions[1] - api.versions[0] + 1 }, (_, i) => {
    const version = api.versions[0] + i;
    return { name: `${api.name} v${version}`, api, version };
  }),
);

/** The answer as a client reads it, or null when it sees its connection end. */
function told(api: AnyApi, version: number, request: unknown): unknown {
  const answer = errorAnswer(api, version, request, 'UNKNOWN_SERVER_ERROR');
  if (!answer) return null;
  const writer = new Writer();
  api.response(version).encode(writer, answer);
  const reader = new Reader(writer.done());
  const decoded = api.response(version).decode(reader);
  expect(reader.remaining).toBe(0);
  return decoded;
}

function codesIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'number' && /errorCode$/i.test(name) ? [inner] : codesIn(inner),
  );
}

/**
 * Versions whose answers cannot say that the whole failed. Kafka sends an empty one, which reads as success.
 */
const CLOSED = ['DescribeLogDirs v1', 'DescribeLogDirs v2'];

describe('a request that failed is told so in its version, or its connection ends', () => {
  test.each(versions)('$name', ({ name, api, version }) => {
    const decoded = told(api, version, sampleRequest(api, version, PLACE));
    if (CLOSED.includes(name)) expect(decoded).toBe(null);
    else expect(codesIn(decoded)).toContain(CODE);
  });

  test.each(versions)('$name, asked for nothing', ({ api, version }) => {
    const { fields } = api.definition.request;
    const nothing = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, defaultOf(field)]));
    const decoded = told(api, version, nothing);
    if (decoded !== null) expect(codesIn(decoded)).toContain(CODE);
  });
});

// Each of these was an answer that said nothing: an empty cluster, a transaction with no partitions to wait
// for.
test('everything that was asked for is answered, as by getErrorResponse of Kafka', () => {
  expect(told(apis.metadata, 9, sampleRequest(apis.metadata, 9, PLACE))).toMatchObject({
    topics: [{ name: 'orders', errorCode: CODE }],
  });
  expect(told(apis.metadata, 9, { topics: null })).toBe(null);
  expect(told(apis.metadata, 13, { topics: null })).toMatchObject({ errorCode: CODE });
  expect(
    told(apis.addPartitionsToTxn, 3, { v3AndBelowTopics: [{ name: 'orders', partitions: [0, 4] }] }),
  ).toMatchObject({
    resultsByTopicV3AndBelow: [
      {
        name: 'orders',
        resultsByPartition: [
          { partitionIndex: 0, partitionErrorCode: CODE },
          { partitionIndex: 4, partitionErrorCode: CODE },
        ],
      },
    ],
  });
  expect(told(apis.fetch, 4, sampleRequest(apis.fetch, 4, PLACE))).toMatchObject({
    responses: [{ topic: 'orders', partitions: [{ partitionIndex: 0, errorCode: CODE, highWatermark: -1 }] }],
  });
  expect(told(apis.produce, 9, { ...sampleRequest(apis.produce, 9, PLACE), acks: 0 })).toBe(null);
  expect(told(apis.findCoordinator, 3, sampleRequest(apis.findCoordinator, 3, PLACE))).toMatchObject({
    errorCode: CODE,
    nodeId: -1,
    port: -1,
  });
});
