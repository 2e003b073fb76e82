import { expect, test } from 'vitest';
import { FetchSession } from './fetch-session.ts';

const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** KIP-227: epoch 0 with a session's id ends that session and begins another, with all that the request names. */
test('after an answer that was not taken, the next request names everything again and ends the old session', () => {
  const session = new FetchSession();
  const wanted = [{ topicId, partition: 0, fetchOffset: 5, partitionMaxBytes: 100 }];
  expect(session.request(wanted)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  session.answered(77);
  expect(session.request(wanted)).toMatchObject({ sessionId: 77, sessionEpoch: 1, topics: [] });
  session.answered(77);
  session.beginAnew();
  expect(session.request(wanted)).toEqual({
    sessionId: 77,
    sessionEpoch: 0,
    topics: [{ topicId, partitions: wanted }],
    forgottenTopicsData: [],
  });
});
