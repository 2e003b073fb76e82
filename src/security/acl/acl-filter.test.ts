import { expect, test } from 'vitest';
import type { Acl } from './acl.ts';
import { type AclFilter, invalidFilter, matchesFilter } from './acl-filter.ts';

const ANY = 1;
const MATCH = 2;
const LITERAL = 3;
const PREFIXED = 4;

const everything: AclFilter = {
  resourceType: ANY,
  resourceName: null,
  patternType: ANY,
  principal: null,
  host: null,
  operation: ANY,
  permissionType: ANY,
};

function named(resourceName: string, patternType: number): Acl {
  return {
    resourceType: 2,
    resourceName,
    patternType,
    principal: 'User:alice',
    host: '*',
    operation: 3,
    permissionType: 3,
  };
}

test('the pattern of a filter means itself, any, or whatever applies to the name', () => {
  const acls = [named('orders', LITERAL), named('*', LITERAL), named('ord', PREFIXED), named('x', PREFIXED)];
  const found = (filter: Partial<AclFilter>) =>
    acls.filter((acl) => matchesFilter({ ...everything, ...filter }, acl)).map((acl) => acl.resourceName);
  expect(found({})).toEqual(['orders', '*', 'ord', 'x']);
  expect(found({ resourceName: 'orders', patternType: LITERAL })).toEqual(['orders']);
  expect(found({ resourceName: 'orders', patternType: MATCH })).toEqual(['orders', '*', 'ord']);
  expect(found({ resourceName: 'ord', patternType: ANY })).toEqual(['ord']);
  expect(found({ patternType: PREFIXED })).toEqual(['ord', 'x']);
  expect(found({ resourceType: 3 })).toEqual([]);
  expect(found({ principal: 'User:bob' })).toEqual([]);
  expect(found({ host: '*', operation: 3, permissionType: 3, principal: 'User:alice' })).toHaveLength(4);
});

test('codes without a meaning are refused as Kafka refuses them', () => {
  expect(invalidFilter(everything)).toBe(null);
  expect(invalidFilter({ ...everything, patternType: 9 })).toBe('Unknown patternFilter.');
  expect(invalidFilter({ ...everything, resourceType: 0 })).toBe('Unknown patternFilter.');
  expect(invalidFilter({ ...everything, operation: 99 })).toBe('Unknown entryFilter.');
  expect(invalidFilter({ ...everything, permissionType: 0 })).toBe('Unknown entryFilter.');
});
