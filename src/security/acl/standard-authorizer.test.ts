import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptHeapBytes } from '../../../test/support/kept-heap.ts';
import { type Acl, type AclOperation, operationCodes, type ResourceType, resourceTypeCodes } from './acl.ts';
import { StandardAuthorizer } from './standard-authorizer.ts';

const ALLOW = 3;
const DENY = 2;
const LITERAL = 3;
const PREFIXED = 4;
const ALL = 2;

const alice = { principal: 'User:alice', host: '10.0.0.1' };
const bob = { principal: 'User:bob', host: '10.0.0.2' };

function topicAcl(more: Partial<Acl> = {}): Acl {
  return {
    resourceType: resourceTypeCodes.TOPIC,
    resourceName: 'orders',
    patternType: LITERAL,
    principal: 'User:alice',
    host: '*',
    operation: operationCodes.READ,
    permissionType: ALLOW,
    ...more,
  };
}

function authorizer(acls: readonly Acl[], allowEveryoneIfNoAclFound = true): StandardAuthorizer {
  const made = new StandardAuthorizer({ superUsers: ['User:admin'], allowEveryoneIfNoAclFound });
  made.replaceAcls(acls);
  return made;
}

describe('who may do what', () => {
  test('a resource without an ACL is everybody’s or nobody’s, as allow.everyone.if.no.acl.found says', () => {
    expect(authorizer([]).allows(bob, 'READ', 'TOPIC', 'orders')).toBe(true);
    expect(authorizer([], false).allows(bob, 'READ', 'TOPIC', 'orders')).toBe(false);
  });

  test('the first ACL of a resource closes it to everybody else, and no other resource', () => {
    const acls = authorizer([topicAcl()]);
    expect(acls.allows(alice, 'READ', 'TOPIC', 'orders')).toBe(true);
    expect(acls.explain(bob, 'READ', 'TOPIC', 'orders')).toEqual({
      allowed: false,
      rule: { kind: 'no acl allows it' },
    });
    expect(acls.allows(bob, 'READ', 'TOPIC', 'orders2')).toBe(true);
    expect(acls.allows(bob, 'READ', 'GROUP', 'orders')).toBe(true);
  });

  test('a Deny wins, whatever else allows it, and super users are above it', () => {
    const deny = topicAcl({ permissionType: DENY, operation: ALL, principal: 'User:*' });
    const acls = authorizer([topicAcl(), deny]);
    expect(acls.explain(alice, 'READ', 'TOPIC', 'orders')).toEqual({
      allowed: false,
      rule: { kind: 'acl', acl: deny, isImplied: false },
    });
    expect(acls.allows({ principal: 'User:admin', host: 'anywhere' }, 'READ', 'TOPIC', 'orders')).toBe(true);
  });

  test('an Allow of READ allows to describe; a Deny of READ does not forbid it', () => {
    const described = authorizer([
      topicAcl({ permissionType: DENY }),
      topicAcl({ operation: operationCodes.WRITE }),
    ]);
    expect(described.allows(alice, 'DESCRIBE', 'TOPIC', 'orders')).toBe(true);
    expect(described.allows(alice, 'READ', 'TOPIC', 'orders')).toBe(false);
    const write = topicAcl({ operation: operationCodes.WRITE });
    expect(described.explain(alice, 'DESCRIBE', 'TOPIC', 'orders').rule).toEqual({
      kind: 'acl',
      acl: write,
      isImplied: true,
    });
    expect(described.explain(alice, 'WRITE', 'TOPIC', 'orders').rule).toMatchObject({ isImplied: false });
  });

  test('a prefix is for the names that begin with it, a wildcard for all, a host for one address', () => {
    const acls = authorizer([
      topicAcl({ resourceName: 'team-a.', patternType: PREFIXED }),
      topicAcl({ resourceName: '*', principal: 'User:bob', host: '10.0.0.2' }),
    ]);
    expect(acls.allows(alice, 'READ', 'TOPIC', 'team-a.events')).toBe(true);
    expect(acls.allows(alice, 'READ', 'TOPIC', 'team-b.events')).toBe(false);
    expect(acls.allows(bob, 'READ', 'TOPIC', 'team-b.events')).toBe(true);
    expect(acls.allows({ ...bob, host: '10.0.0.3' }, 'READ', 'TOPIC', 'team-b.events')).toBe(false);
  });

  test('what is remembered of one user is never the answer to another', () => {
    const acls = authorizer([
      topicAcl({ resourceType: resourceTypeCodes.GROUP, resourceName: 'a', patternType: PREFIXED }),
      topicAcl({ resourceType: resourceTypeCodes.GROUP, resourceName: 'b', principal: 'User:bob' }),
    ]);
    // Names of users, groups and transactional ids may hold any character, line ends too.
    expect(acls.allows(alice, 'READ', 'GROUP', `a\n${bob.host}\nb`)).toBe(true);
    const other = { principal: `User:alice\n${alice.host}\na`, host: bob.host };
    expect(acls.allows(other, 'READ', 'GROUP', 'b')).toBe(false);
  });

  test('a change is in force at once', () => {
    const acls = authorizer([]);
    expect(acls.allows(bob, 'READ', 'TOPIC', 'orders')).toBe(true);
    acls.replaceAcls([topicAcl()]);
    expect(acls.allows(bob, 'READ', 'TOPIC', 'orders')).toBe(false);
  });
});

describe('whether somebody may write to some topic (KIP-679)', () => {
  const write = (acls: readonly Acl[], allowEveryone = false) =>
    authorizer(acls, allowEveryone).allowsSome(alice, 'WRITE', 'TOPIC');
  const allow = topicAcl({ operation: operationCodes.WRITE });
  const deny = topicAcl({ operation: operationCodes.WRITE, permissionType: DENY });

  test('an Allow is enough, a Deny of the same name takes it back', () => {
    expect(write([])).toBe(false);
    expect(write([allow])).toBe(true);
    expect(write([allow, deny])).toBe(false);
  });

  test('a Deny of a prefix takes back the names that begin with it, and no longer prefix of an Allow’s', () => {
    expect(write([allow, { ...deny, resourceName: 'ord', patternType: PREFIXED }])).toBe(false);
    expect(
      write([
        { ...allow, resourceName: 'ord', patternType: PREFIXED },
        { ...deny, resourceName: 'orders', patternType: PREFIXED },
      ]),
    ).toBe(true);
  });

  test('a Deny of every name takes back all; names without ACLs are everybody’s where that is configured', () => {
    expect(write([allow, { ...deny, resourceName: '*' }])).toBe(false);
    expect(write([deny], true)).toBe(true);
    expect(write([topicAcl({ resourceName: '*', principal: 'User:bob' })], true)).toBe(false);
  });
});

/** The rules as Kafka's documentation of authorization tells them, one after the other, without an index. */
function oracle(
  acls: readonly Acl[],
  asked: {
    principal: string;
    host: string;
    operation: AclOperation;
    resourceType: ResourceType;
    name: string;
    allowEveryone: boolean;
  },
): boolean {
  const forResource = acls.filter(
    (acl) =>
      acl.resourceType === resourceTypeCodes[asked.resourceType] &&
      (acl.patternType === PREFIXED
        ? asked.name.startsWith(acl.resourceName)
        : [asked.name, '*'].includes(acl.resourceName)),
  );
  if (forResource.length === 0) return asked.allowEveryone;
  const forAsker = forResource.filter(
    (acl) => [asked.principal, 'User:*'].includes(acl.principal) && [asked.host, '*'].includes(acl.host),
  );
  const code = operationCodes[asked.operation];
  if (forAsker.some((acl) => acl.permissionType === DENY && [ALL, code].includes(acl.operation)))
    return false;
  const implying: Partial<Record<AclOperation, readonly AclOperation[]>> = {
    DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
    DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
  };
  const enough = [ALL, code, ...(implying[asked.operation] ?? []).map((name) => operationCodes[name])];
  return forAsker.some((acl) => acl.permissionType === ALLOW && enough.includes(acl.operation));
}

test('20,000 random sets of ACLs and requests are decided as the documentation says', () => {
  const name = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', '*', 'x');
  const principal = fc.constantFrom('User:alice', 'User:bob');
  const host = fc.constantFrom('10.0.0.1', '10.0.0.2');
  const operation = fc.constantFrom<AclOperation>(
    'READ',
    'WRITE',
    'DESCRIBE',
    'ALTER',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
  );
  const resourceType = fc.constantFrom<ResourceType>('TOPIC', 'GROUP');
  const acl = fc.record({
    resourceType: resourceType.map((type) => resourceTypeCodes[type]),
    resourceName: name,
    patternType: fc.constantFrom(LITERAL, PREFIXED),
    principal: fc.oneof(principal, fc.constant('User:*')),
    host: fc.oneof(host, fc.constant('*')),
    operation: fc.oneof(
      operation.map((each) => operationCodes[each] as number),
      fc.constant(ALL),
    ),
    permissionType: fc.constantFrom(ALLOW, DENY),
  });
  const asked = fc.record({
    principal,
    host,
    operation,
    resourceType,
    name: name.filter((each) => each !== '*'),
    allowEveryone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(acl, { maxLength: 8 }), asked, (acls, request) => {
      const { operation: op, resourceType: type, name: resource, allowEveryone } = request;
      const decided = authorizer(acls, allowEveryone);
      const expected = oracle(acls, request);
      expect(decided.allows(request, op, type, resource)).toBe(expected);
      expect(decided.allows(request, op, type, resource)).toBe(expected);
    }),
    { numRuns: 20_000 },
  );
});

// Ids of groups and transactions have up to 32,767 bytes, and who asks needs no rights for them.
test('names that clients ask for do not stay in memory when they are long', () => {
  const acls = authorizer([topicAcl({ resourceType: resourceTypeCodes.GROUP, resourceName: 'app' })]);
  const keptBytes = keptHeapBytes(() => {
    for (let index = 0; index < 2000; index++) {
      const group = Buffer.from(`${index}${'x'.repeat(32_000)}`).toString();
      expect(acls.allows(bob, 'DESCRIBE', 'GROUP', group)).toBe(true);
    }
  });
  expect(keptBytes).toBeLessThan(16 * 1024 ** 2);
  expect(acls.allows(bob, 'DESCRIBE', 'GROUP', 'app')).toBe(false);
});

test('whether a client may write to some topic is looked up again when ACLs change', () => {
  const acls = authorizer([topicAcl({ operation: operationCodes.WRITE })], false);
  for (let times = 0; times < 2; times++) {
    expect(acls.allowsSome(alice, 'WRITE', 'TOPIC')).toBe(true);
    expect(acls.allowsSome(alice, 'READ', 'TOPIC')).toBe(false);
    expect(acls.allowsSome(bob, 'WRITE', 'TOPIC')).toBe(false);
    expect(acls.allowsSome({ ...alice, host: '10.0.0.9' }, 'WRITE', 'TOPIC')).toBe(true);
  }
  acls.replaceAcls([]);
  expect(acls.allowsSome(alice, 'WRITE', 'TOPIC')).toBe(false);
});

// Of a few names and principals, so that ACLs meet.
const someAcl = fc.record({
  resourceType: fc.constantFrom(resourceTypeCodes.TOPIC, resourceTypeCodes.GROUP),
  resourceName: fc.constantFrom('*', 'a', 'ab', 'abc'),
  patternType: fc.constantFrom(LITERAL, PREFIXED),
  principal: fc.constantFrom('User:alice', 'User:bob', 'User:*'),
  host: fc.constantFrom('*', alice.host),
  operation: fc.constantFrom(ALL, operationCodes.READ, operationCodes.WRITE),
  permissionType: fc.constantFrom(ALLOW, DENY),
});

test('ACLs that come and go one after the other decide as those that are left, told at once', () => {
  const decisions = (acls: StandardAuthorizer) =>
    [alice, bob].flatMap((asker) =>
      (['TOPIC', 'GROUP'] as const).flatMap((type) => [
        ...['a', 'ab', 'abcd', 'z'].map((name) => acls.allows(asker, 'READ', type, name)),
        acls.allowsSome(asker, 'WRITE', type),
      ]),
    );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(someAcl, fc.nat({ max: 20 })), { maxLength: 40 }),
      fc.boolean(),
      (history, allowEveryone) => {
        const changing = authorizer([], allowEveryone);
        const left: Acl[] = [];
        for (const step of history) {
          const gone = typeof step === 'number' ? left.splice(step, 1) : [];
          const added = typeof step === 'number' ? [] : [{ ...step }];
          left.push(...added);
          changing.changeAcls({ gone, added });
          expect(decisions(changing)).toEqual(decisions(authorizer(left, allowEveryone)));
        }
      },
    ),
  );
});
