import { expect, test } from 'vitest';
import { Sfc32 } from '../base/random.ts';
import { imageOf } from '../metadata/delta.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { completeMetadataRecord } from '../metadata/records.ts';
import type { Acl } from '../security/acl/acl.ts';
import { createAcls, deleteAcls } from './acls-control.ts';
import type { ControllerDecision } from './decision.ts';

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

test('a filter deletes what it means, once, and one without a meaning deletes nothing', () => {
  const made = createAcls(imageAfter([]), [acl, { ...acl, resourceName: 'payments' }], random);
  const image = imageAfter([made]);
  const { answer, records } = deleteAcls(image, [
    { ...any, resourceName: 'orders', patternType: 3 },
    { ...any, principal: 'User:alice' },
    { ...any, operation: 99 },
  ]);
  expect(answer).toMatchObject([
    { deleted: [{ resourceName: 'orders' }] },
    { deleted: [{ resourceName: 'orders' }, { resourceName: 'payments' }] },
    { message: 'Unknown entryFilter.' },
  ]);
  expect(records).toHaveLength(2);
  expect(imageAfter([made, { records, answer }]).acls.size).toBe(0);
});
