import { expect, test } from 'vitest';
import { apis } from '../protocol/apis.ts';
import { handle } from './handler.ts';

const { heartbeat } = apis;

test('a handler asks for nothing but the rights of its card', () => {
  const card = { versions: [0, 4], operations: ['GROUP:READ'] } as const;
  const handler = handle(heartbeat, card, (_context: null, request, info) => {
    info.authorize('READ', 'GROUP', request.groupId);
    // @ts-expect-error DELETE is not on the card.
    info.authorize('DELETE', 'GROUP', request.groupId);
    // @ts-expect-error TOPIC is not on the card.
    info.authorize('READ', 'TOPIC', request.groupId);
    return { errorCode: 0 };
  });
  expect(handler.operations).toEqual(['GROUP:READ']);
});

test('a handler without rights on its card cannot ask at all', () => {
  const handler = handle(heartbeat, { versions: [0, 4], operations: [] }, (_context: null, request, info) => {
    // @ts-expect-error Nothing is on the card.
    info.authorize('READ', 'GROUP', request.groupId);
    return { errorCode: 0 };
  });
  expect(handler.operations).toEqual([]);
});
