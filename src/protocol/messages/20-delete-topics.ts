import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, uuid } from '../field.ts';

/**
 * 6: topics by id or by name.
 */
export const deleteTopics = api({
  name: 'DeleteTopics',
  key: 20,
  versions: [1, 6],
  flexible: 4,
  request: {
    topics: array({
      name: string.nullable().default(null),
      topicId: uuid,
    }).since(6),
    topicNames: array(string).between(1, 5).ignorable(),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    responses: array({
      name: string.nullable(6),
      topicId: uuid.since(6).ignorable(),
      errorCode: int16,
      errorMessage: string.nullable().since(5).default(null).ignorable(),
    }),
  },
});

export type DeleteTopicsRequest = RequestOf<typeof deleteTopics>;
export type DeleteTopicsResponse = ResponseOf<typeof deleteTopics>;
