import type { Acl } from '../../security/acl/acl.ts';
import { fromNamed, type NamedAcl } from '../../security/acl/named-acl.ts';
import type { OwnNames } from '../worker/own-names.ts';

/**
 * The ACLs that close what workers have for themselves to everybody else: where there is an ACL,
 * allow.everyone.if.no.acl.found lets nobody in whom none names. They give nothing of the data that the
 * connector moves.
 */
export function ownAcls({ group, configs, offsets, status }: OwnNames, principal: string): Acl[] {
  const allow = (
    resourceType: NamedAcl['resourceType'],
    resourceName: string,
    patternType: NamedAcl['patternType'] = 'LITERAL',
  ): Acl =>
    fromNamed({
      ...{ resourceType, resourceName, patternType, principal },
      ...{ host: '*', operation: 'ALL', permissionType: 'ALLOW' },
    });
  return [
    ...[configs, offsets, status].map((topic) => allow('TOPIC', topic)),
    allow('GROUP', group),
    // The leader of the workers writes configurations in transactions, and so does each task of an
    // exactly-once source.
    allow('TRANSACTIONAL_ID', `connect-cluster-${group}`),
    allow('TRANSACTIONAL_ID', `${group}-`, 'PREFIXED'),
  ];
}
