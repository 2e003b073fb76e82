import { expect, test } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { silent } from '../base/log.ts';
import { apis } from '../protocol/apis.ts';
import { errorCode } from '../protocol/errors.ts';
import { decodeResponseHeader } from '../protocol/headers.ts';
import { Reader } from '../protocol/reader.ts';
import { requestFrame, sampleRequest } from '../protocol/testing/sample-requests.ts';
import { allowAll } from './authorizer.ts';
import { Dispatcher, type Origin } from './dispatch.ts';
import { handle } from './handler.ts';

const { metadata } = apis;
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
