import { describe, expect, test } from 'vitest';
import { type AclEffect, aclEffects } from './acl-effects.ts';
import { fromNamed, type NamedAcl } from './named-acl.ts';

const aliceReads: NamedAcl = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permissionType: 'ALLOW',
};

function effects(
  before: readonly NamedAcl[],
  after: readonly NamedAcl[],
  options: { known?: readonly string[]; superUsers?: readonly string[]; open?: boolean } = {},
) {
  const { known = [], superUsers = [], open = true } = options;
  return aclEffects({
    before: before.map(fromNamed),
    after: after.map(fromNamed),
    known,
    superUsers,
    allowEveryoneIfNoAclFound: open,
  });
}

/** `User:bob from *: READ TOPIC orders`, one for each operation. */
function lines(told: readonly AclEffect[]): string[] {
  return told.flatMap(({ principals, host, operations, resourceType, resourceName, patternType }) =>
    principals.flatMap((principal) =>
      operations.map(
        (operation) =>
          `${principal} from ${host}: ${operation} ${resourceType} ${resourceName}${patternType === 'PREFIXED' ? '…' : ''}`,
      ),
    ),
  );
}

describe('what a change of ACLs takes and gives', () => {
  test('the first ACL of a topic closes it to everybody else, and to its owner what it does not allow', () => {
    const { denies, allows, isComplete } = effects([], [aliceReads], { known: ['User:bob'] });
    const told = lines(denies);
    expect(told).toContain('User:bob from *: READ TOPIC orders');
    expect(told).toContain('User:* from *: READ TOPIC orders');
    expect(told).toContain('User:alice from *: WRITE TOPIC orders');
    expect(told).not.toContain('User:alice from *: READ TOPIC orders');
    expect(told).not.toContain('User:alice from *: DESCRIBE TOPIC orders');
    expect(told.every((line) => line.endsWith(' TOPIC orders'))).toBe(true);
    expect([allows, isComplete]).toEqual([[], true]);
  });

  test('where nobody may do anything without an ACL, an Allow takes nothing and gives what it implies', () => {
    const { denies, allows } = effects([], [aliceReads], { open: false });
    expect(denies).toEqual([]);
    expect(lines(allows)).toEqual([
      'User:alice from *: READ TOPIC orders',
      'User:alice from *: DESCRIBE TOPIC orders',
    ]);
  });

  test('the last ACL of a topic that goes opens it to everybody', () => {
    const { denies, allows } = effects([aliceReads], []);
    expect(denies).toEqual([]);
    expect(lines(allows)).toContain('User:* from *: WRITE TOPIC orders');
  });

  test('a Deny for everybody spares super users, and reaches names within its prefix that others allow', () => {
    const deny: NamedAcl = {
      ...aliceReads,
      resourceName: 'ord',
      patternType: 'PREFIXED',
      principal: 'User:*',
      operation: 'ALL',
      permissionType: 'DENY',
    };
    const { denies } = effects([aliceReads], [aliceReads, deny], {
      known: ['User:admin'],
      superUsers: ['User:admin'],
    });
    const told = lines(denies);
    expect(told).toContain('User:alice from *: READ TOPIC orders');
    expect(told).toContain('User:alice from *: READ TOPIC ord…');
    expect(told.filter((line) => line.startsWith('User:admin'))).toEqual([]);
  });

  test('an ACL for every topic is about every topic that has ACLs, and about all others', () => {
    const everyTopic: NamedAcl = {
      ...aliceReads,
      resourceName: '*',
      principal: 'User:bob',
      operation: 'ALL',
    };
    const { denies, allows } = effects([aliceReads], [aliceReads, everyTopic]);
    expect(lines(allows)).toContain('User:bob from *: WRITE TOPIC orders');
    expect(lines(denies)).toContain('User:alice from *: READ TOPIC *');
    expect(lines(denies)).not.toContain('User:alice from *: READ TOPIC orders');
  });

  test('an address that is treated differently is told beside all others', () => {
    const deny: NamedAcl = { ...aliceReads, host: '10.0.0.1', permissionType: 'DENY' };
    const { denies } = effects([aliceReads], [aliceReads, deny]);
    expect(lines(denies)).toEqual(['User:alice from 10.0.0.1: READ TOPIC orders']);
  });

  test('ACLs that were there already change nothing', () => {
    expect(effects([aliceReads], [aliceReads])).toEqual({ denies: [], allows: [], isComplete: true });
  });

  test('more users and topics than can be compared in time are told as a part', () => {
    const acls = Array.from({ length: 200 }, (_, index) => ({
      ...aliceReads,
      resourceName: `topic-${index}`,
    }));
    const known = Array.from({ length: 1000 }, (_, index) => `User:u${index}`);
    const { denies, isComplete } = effects([], acls, { known });
    expect(isComplete).toBe(false);
    expect(denies.length).toBeGreaterThan(0);
  });
});
