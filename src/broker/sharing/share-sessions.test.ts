import { expect, test } from 'vitest';
import { type ShareSession, ShareSessions } from './share-sessions.ts';

function open(sessions: ShareSessions, memberId: string, epoch: number): ShareSession | string {
  const opened = sessions.open({
    groupId: 'queue',
    memberId,
    connectionId: `of ${memberId}`,
    epoch,
    partitions: [],
    forgotten: [],
    acknowledges: false,
  });
  return 'error' in opened ? opened.error : opened.session;
}

function session(opened: ShareSession | string): ShareSession {
  if (typeof opened === 'string') throw new Error(`refused with ${opened}`);
  return opened;
}

test('a member that begins anew keeps its place under a limit that was lowered, and its group its members', () => {
  let limit = 2;
  const left: string[] = [];
  const sessions = new ShareSessions({ limit: () => limit, left: ({ memberId }) => left.push(memberId) });
  const first = session(open(sessions, 'a', 0));
  open(sessions, 'b', 0);
  limit = 1;
  expect(open(sessions, 'c', 0)).toBe('SHARE_SESSION_LIMIT_REACHED');
  const second = session(open(sessions, 'a', 0));
  expect([first.isOver, second.isOver]).toEqual([true, false]);
  expect(left).toEqual([]);
  sessions.connectionClosed('of a');
  sessions.connectionClosed('of b');
  expect(left).toEqual(['a', 'b']);
  expect([second.isOver, sessions.size, sessions.hasMembers('queue')]).toEqual([true, 0, false]);
});
