import { expect, test } from 'vitest';
import { Sfc32 } from '../base/random.ts';
import { imageOf } from '../metadata/delta.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { completeMetadataRecord } from '../metadata/records.ts';
import type { Acl } from '../security/acl/acl.ts';
import type { AclFilter } from '../security/acl/acl-filter.ts';
import { createAcls, deleteAcls } from './acls-control.ts';
import type { ControllerDecision } from './decision.ts';
import { meantAcls } from './meant-acls.ts';

const random = new Sfc32(1);
const acl: Acl = {
  resourceType: 2,
  resourceName: 'orders',
  patternType: 3,
  principal: 'User:alice',
  host: '*',
  operation: 3,
  permissionType: 3,
};
const any = {
  resourceType: 1,
  resourceName: null,
  patternType: 1,
  principal: null,
  host: null,
  operation: 1,
  permissionType: 1,
};

function imageAfter(decisions: readonly ControllerDecision<unknown>[]): ClusterImage {
  const records = decisions.flatMap((decision) => decision.records.map(completeMetadataRecord));
  return imageOf(records, { offset: records.length, epoch: 1, timestamp: 0 });
}

test('an ACL that is there already is not made again, in one request or two', () => {
  const first = createAcls(imageAfter([]), [acl, acl], random);
  expect(first.answer).toEqual([null, null]);
  expect(first.records).toHaveLength(1);
  const second = createAcls(imageAfter([first]), [acl, { ...acl, host: '10.0.0.1' }], random);
  expect(second.records).toHaveLength(1);
});

test('an ACL that could never match is refused by what is wrong with it, and the others are made', () => {
  const decision = createAcls(
    imageAfter([]),
    [
      { ...acl, resourceType: 4 },
      { ...acl, resourceName: '' },
      { ...acl, patternType: 2 },
      { ...acl, operation: 1 },
      { ...acl, permissionType: 1 },
      { ...acl, resourceType: 1 },
      { ...acl, principal: 'alice' },
      acl,
    ],
    random,
  );
  expect(decision.answer).toEqual([
    'The only valid name for the CLUSTER resource is kafka-cluster',
    'Invalid empty resource name',
    'Invalid patternType 2',
    'Invalid operation 1',
    'Invalid permissionType 1',
    'Invalid resourceType 1',
    'Invalid principal alice: a principal is a type and a name, as in User:alice',
    null,
  ]);
  expect(decision.records).toHaveLength(1);
});

/** Of each filter the names of what it means, or its error. */
async function meantIn(image: ClusterImage, filters: readonly AclFilter[]): Promise<(string | string[])[]> {
  const meant = await meantAcls({ soon: (run) => void setImmediate(run) }, image.acls, filters);
  return meant.map((one) => ('acls' in one ? one.acls.map(({ resourceName }) => resourceName) : one.error));
}

test('a filter means what it says, and one without a meaning nothing', async () => {
  const image = imageAfter([
    createAcls(imageAfter([]), [acl, { ...acl, resourceName: 'payments' }], random),
    createAcls(imageAfter([]), [{ ...acl, resourceName: 'ord', patternType: 4 }], random),
  ]);
  const [orders, alices, matching, senseless] = await meantIn(image, [
    { ...any, resourceName: 'orders', patternType: 3 },
    { ...any, principal: 'User:alice' },
    { ...any, resourceName: 'orders', patternType: 2 },
    { ...any, operation: 99 },
  ]);
  expect(orders).toEqual(['orders']);
  expect([alices, matching].map((names) => [...(names ?? [])].sort())).toEqual([
    ['ord', 'orders', 'payments'],
    ['ord', 'orders'],
  ]);
  expect(senseless).toBe('INVALID_REQUEST');
});

test('what several filters mean is deleted once, and what has gone meanwhile not again', () => {
  const made = createAcls(imageAfter([]), [acl, { ...acl, resourceName: 'payments' }], random);
  const all = [...imageAfter([made]).acls.all()];
  const deleted = deleteAcls(imageAfter([made]), [...all, ...all]);
  expect(deleted.records).toHaveLength(2);
  expect(imageAfter([made, deleted]).acls.size).toBe(0);
  expect(deleteAcls(imageAfter([made, deleted]), all).records).toEqual([]);
});

function named(count: number): Acl[] {
  return Array.from({ length: count }, (_, i) => ({ ...acl, resourceName: `t${i}` }));
}

// Kafka's MAX_RECORDS_PER_USER_OP.
test('one request makes 10,000 ACLs at most, and those that are there do not count', () => {
  const made = createAcls(imageAfter([]), named(10_000), random);
  expect(made.records).toHaveLength(10_000);
  expect(createAcls(imageAfter([]), named(10_001), random)).toEqual({
    records: [],
    answer: { error: 'POLICY_VIOLATION', message: 'Unable to perform excessively large batch operation.' },
  });
  expect(createAcls(imageAfter([made]), named(10_001), random).records).toHaveLength(1);
});

test('one request deletes 10,000 ACLs at most, and tells of ten times as many', async () => {
  const half = named(6000);
  const image = imageAfter([
    createAcls(imageAfter([]), half, random),
    createAcls(
      imageAfter([]),
      half.map((one) => ({ ...one, principal: 'User:bob' })),
      random,
    ),
  ]);
  const alices = { ...any, principal: 'User:alice' };
  const sizes = async (filters: AclFilter[]) =>
    (await meantIn(image, filters)).map((one) => (typeof one === 'string' ? one : one.length));
  expect(await sizes([any, alices, { ...any, principal: 'User:bob' }, alices])).toEqual([
    'POLICY_VIOLATION',
    6000,
    'POLICY_VIOLATION',
    6000,
  ]);
  // A request of some megabytes would be answered with gigabytes.
  const often = await sizes(new Array(30).fill(alices));
  expect(often.filter((size) => size === 6000)).toHaveLength(16);
});

test('others have their turn while filters are compared with ACLs', async () => {
  const image = imageAfter([createAcls(imageAfter([]), named(5000), random)]);
  let turns = 0;
  const soon = (run: () => void) => {
    turns++;
    setImmediate(run);
  };
  await meantAcls({ soon }, image.acls, new Array(200).fill({ ...any, host: 'nowhere' }));
  expect(turns).toBeGreaterThanOrEqual(9);
  const exact = named(5000).map((one) => ({ ...any, resourceName: one.resourceName }));
  turns = 0;
  expect((await meantAcls({ soon }, image.acls, exact)).every((one) => 'acls' in one)).toBe(true);
  expect(turns).toBe(0);
});
