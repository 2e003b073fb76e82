import { expect, test, vi } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { ZERO_UUID } from '../base/brand.ts';
import { silent } from '../base/log.ts';
import { apis } from '../protocol/apis.ts';
import { errorCode } from '../protocol/errors.ts';
import { decodeResponseHeader } from '../protocol/headers.ts';
import { Reader } from '../protocol/reader.ts';
import { requestFrame, sampleRequest } from '../protocol/testing/sample-requests.ts';
import { allowAll } from './authorizer.ts';
import { Dispatcher } from './dispatch.ts';
import { handle } from './handler.ts';
import type { Origin } from './origin.ts';

const { describeProducers, metadata } = apis;
const PLACE = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' };

/** What becomes of a Metadata request whose handler throws this, and the crashes that it brings about. */
async function thrown(error: unknown, version = 9) {
  const crashes: Error[] = [];
  const dispatcher = new Dispatcher<null>({
    handlers: [handle(metadata, { versions: [0, 13], operations: [] }, () => Promise.reject(error))],
    context: null,
    authorizer: allowAll,
    features: () => ({ supported: [], finalized: [], finalizedEpoch: -1 }),
    world: { log: silent, crash: (crash) => crashes.push(crash) },
  });
  const frame = requestFrame(metadata, version, sampleRequest(metadata, version, PLACE), 7);
  return { outcome: await dispatcher.dispatch(frame, ORIGIN, WAY), crashes };
}

/** An answer with all the memory it wants. */
const WAY = {
  afterWrite: () => undefined,
  mute: () => undefined,
  output: { grant: (bytes: number) => bytes, holds: () => {}, whenRoom: () => () => {} },
};

const ORIGIN = {
  principal: 'User:ANONYMOUS',
  clientHost: '127.0.0.1',
  listener: 'client',
  listenerName: 'CLIENT',
  connectionId: '1',
  connectionNumber: 1,
} as Origin;

test.each([
  new AssertionError('wrong'),
  new TypeError('wrong'),
  new RangeError('wrong'),
  new ReferenceError('wrong'),
])('a programmer’s error ends the process, and the connection without an answer: %s', async (error) => {
  const { outcome, crashes } = await thrown(error);
  expect(crashes).toEqual([error]);
  expect(outcome.kind).toBe('close');
});

test.each([
  // An element is a topic of three bytes, and a number of four.
  ['topics', metadata, { topics: new Array(100_001).fill({ name: 'a', topicId: ZERO_UUID }) }],
  [
    'numbers of partitions',
    describeProducers,
    { topics: [{ name: 'a', partitionIndexes: new Array(100_000).fill(0) }] },
  ],
])('a client that lists a hundred thousand %s and more is heard no further', async (_, api, request) => {
  const run = vi.fn(() => {
    throw new Error('asked');
  });
  const dispatcher = new Dispatcher<null>({
    handlers: [handle(api, { versions: api.versions, operations: [] }, run)],
    context: null,
    authorizer: allowAll,
    features: () => ({ supported: [], finalized: [], finalizedEpoch: -1 }),
    world: { log: silent, crash: () => {} },
  });
  const version = Math.min(9, api.versions[1]);
  const frame = requestFrame(api, version, { ...sampleRequest(api, version, PLACE), ...request }, 7);
  const outcome = await dispatcher.dispatch(frame, ORIGIN, WAY);
  expect(outcome).toMatchObject({ kind: 'close', reason: expect.stringContaining('are too many') });
  expect(run).not.toHaveBeenCalled();
  // Nodes of the cluster are believed.
  await dispatcher.dispatch(frame, { ...ORIGIN, listener: 'replication', isPeer: true }, WAY);
  expect(run).toHaveBeenCalled();
});

test.each([
  ['may wait as long as its client asks for', 10, Number.POSITIVE_INFINITY],
  ['and has a long list, must end within half a minute: it takes room from others', 1001, 30_000],
])('a request that waits %s', async (_, count, waitMsMax) => {
  const waits: number[] = [];
  const handler = handle(
    metadata,
    { versions: metadata.versions, operations: [] },
    (_context, _request, info) => {
      waits.push(info.waitMsMax);
      throw new Error('enough');
    },
  );
  const dispatcher = new Dispatcher<null>({
    handlers: [handler],
    context: null,
    authorizer: allowAll,
    features: () => ({ supported: [], finalized: [], finalizedEpoch: -1 }),
    world: { log: silent, crash: () => {} },
  });
  const topics = new Array(count).fill({ name: 'a', topicId: ZERO_UUID });
  const frame = requestFrame(metadata, 9, { ...sampleRequest(metadata, 9, PLACE), topics }, 7);
  await dispatcher.dispatch(frame, ORIGIN, WAY);
  await dispatcher.dispatch(frame, { ...ORIGIN, listener: 'replication', isPeer: true }, WAY);
  expect(waits).toEqual([waitMsMax, Number.POSITIVE_INFINITY]);
});

test('any other error is answered in the words of the version, and the process goes on', async () => {
  const { outcome, crashes } = await thrown(new Error('the disk is gone'));
  expect(crashes).toEqual([]);
  if (outcome.kind !== 'answer') throw new Error(outcome.kind);
  const reader = new Reader(Buffer.concat(outcome.parts).subarray(4));
  expect(decodeResponseHeader(reader, metadata, 9).correlationId).toBe(7);
  expect(metadata.response(9).decode(reader).topics).toMatchObject([
    { name: 'orders', errorCode: errorCode('UNKNOWN_SERVER_ERROR') },
  ]);
});

/**
 * Answers Metadata at once or later, with a quota that wants silence for two seconds after each request of
 * clients.
 */
async function timed(origin: Origin, answerLater: boolean, told = 0) {
  const muted: number[] = [];
  const answer = { throttleTimeMs: told, brokers: [], clusterId: null, controllerId: 1, topics: [] };
  let now = 0;
  const counted: number[] = [];
  const dispatcher = new Dispatcher<null>({
    handlers: [
      handle(metadata, { versions: [0, 13], operations: [] }, () => {
        now += 7;
        return answerLater ? Promise.resolve(answer) : answer;
      }),
    ],
    context: null,
    authorizer: allowAll,
    features: () => ({ supported: [], finalized: [], finalizedEpoch: -1 }),
    requestTime: {
      exists: true,
      now: () => now,
      count: (_, ms) => {
        counted.push(ms);
        return 2000;
      },
    },
    world: { log: silent, crash: () => {} },
  });
  const version = 9;
  const frame = requestFrame(metadata, version, sampleRequest(metadata, version, PLACE), 7);
  const way = { ...WAY, mute: (forMs: number) => void muted.push(forMs) };
  const outcome = await dispatcher.dispatch(frame, origin, way);
  if (outcome.kind !== 'answer') throw new Error(outcome.kind);
  const reader = new Reader(Buffer.concat(outcome.parts).subarray(4));
  decodeResponseHeader(reader, metadata, version);
  return { counted, muted, throttleTimeMs: metadata.response(version).decode(reader).throttleTimeMs };
}

test.each([false, true])(
  'whoever is over its quota of time is told, and silent from then on (answered later: %s)',
  async (later) => {
    expect(await timed(ORIGIN, later)).toEqual({ counted: [7], muted: [2000], throttleTimeMs: 2000 });
  },
);

test('of two quotas the longer wait is told', async () => {
  expect((await timed(ORIGIN, false, 5000)).throttleTimeMs).toBe(5000);
});

test.each([
  { ...ORIGIN, listener: 'replication' },
  { ...ORIGIN, sasl: { principal: null, admits: () => true } },
] as unknown as Origin[])(
  'the time of brokers, and of who has not signed in, is not counted',
  async (origin) => {
    expect(await timed(origin, false)).toEqual({ counted: [], muted: [], throttleTimeMs: 0 });
  },
);
