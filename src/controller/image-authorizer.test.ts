import { expect, test } from 'vitest';
import { ImmutableMap } from '../base/immutable-map.ts';
import { type AclImage, AclsImage } from '../metadata/acls.ts';
import { emptyImage } from '../metadata/image.ts';
import { operationCodes, patternTypeCodes, permissionCodes, resourceTypeCodes } from '../security/acl/acl.ts';
import { ImageAuthorizer } from './image-authorizer.ts';

const MANY = 20_000;
const CALLER = { principal: 'User:alice', clientHost: '127.0.0.1', isPeer: false };

function readOf(resourceName: string): AclImage {
  return {
    id: `id of ${resourceName}`,
    resourceType: resourceTypeCodes.TOPIC,
    resourceName,
    patternType: patternTypeCodes.LITERAL,
    principal: CALLER.principal,
    host: '*',
    operation: operationCodes.READ,
    permissionType: permissionCodes.ALLOW,
  };
}

test('a change among many ACLs is in force without a look at the others', () => {
  let looks = 0;
  const watched = (name: string): AclImage => {
    const { resourceName: _, ...acl } = readOf(name);
    return {
      ...acl,
      get resourceName() {
        looks++;
        return name;
      },
    };
  };
  const many = Array.from({ length: MANY }, (_, i) => watched(`t${i}`));
  let acls = new AclsImage(ImmutableMap.from(many.map((acl) => [acl.id, acl] as const)));
  const authorizer = new ImageAuthorizer({
    image: () => ({ ...emptyImage, acls }),
    superUsers: '',
    allowEveryoneIfNoAclFound: false,
  });
  const mayRead = (name: string) => authorizer.authorize(CALLER, 'READ', 'TOPIC', name);
  expect([mayRead('t7'), mayRead('more')]).toEqual([true, false]);
  expect(looks).toBeGreaterThanOrEqual(MANY);
  looks = 0;
  acls = acls.replay({ type: 'RemoveAccessControlEntryRecord', id: 'id of t7' });
  acls = acls.replay({ type: 'AccessControlEntryRecord', ...readOf('more') });
  expect([mayRead('t7'), mayRead('t8'), mayRead('more')]).toEqual([false, true, true]);
  expect(looks).toBeLessThan(10);
});
