import { expect, test } from 'vitest';
import { FetchSessionHandler } from './fetch-session-handler.ts';

const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';

/**
 * KIP-227: epoch 0 with a session's id ends that session and begins another, with all that the request names.
 */
test('a session that begins anew names the one that it takes the place of', () => {
  const session = new FetchSessionHandler();
  const wanted = [{ topicId, partition: 0, fetchOffset: 5, partitionMaxBytes: 100 }];
  expect(session.isFull).toBe(true);
  expect(session.request(wanted, [])).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  session.answered(77);
  expect(session.isFull).toBe(false);
  expect(session.request([], [{ topicId, partition: 3 }])).toMatchObject({
    sessionId: 77,
    sessionEpoch: 1,
    topics: [],
    forgottenTopicsData: [{ topicId, partitions: [3] }],
  });
  session.answered(77);
  session.beginAnew();
  expect(session.request(wanted, [])).toEqual({
    sessionId: 77,
    sessionEpoch: 0,
    topics: [{ topicId, partitions: wanted }],
    forgottenTopicsData: [],
  });
});

test('a leader that has no place for a session is told everything each time', () => {
  const session = new FetchSessionHandler();
  session.answered(0);
  expect(session.isFull).toBe(true);
});
