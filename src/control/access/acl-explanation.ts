import type { Acl, AclOperation, ResourceType } from '../../security/acl/acl.ts';
import { resourceTypeCodes, WILDCARD } from '../../security/acl/acl.ts';
import { AclIndex } from '../../security/acl/acl-index.ts';
import { type NamedAcl, toNamed } from '../../security/acl/named-acl.ts';
import { StandardAuthorizer } from '../../security/acl/standard-authorizer.ts';
import type { AclGuard } from './acl-change.ts';

export interface AclQuestion {
  readonly principal: string;
  readonly host?: string | undefined;
  readonly operation: AclOperation;
  readonly resourceType: ResourceType;
  readonly resourceName: string;
}

export interface AclExplanation {
  readonly allowed: boolean;
  readonly rule: 'SUPER_USER' | 'ACL' | 'IMPLIED_BY_ACL' | 'NO_ACL_ALLOWS_IT' | 'NO_ACL_FOUND';
  /** The rule in a sentence. */
  readonly because: string;
  /** The ACL that decides, if one does. */
  readonly acl?: NamedAcl;
  /** ACLs for the resource, whomever they are about. */
  readonly aclsOfResource: readonly NamedAcl[];
}

/** More than anybody reads. */
const MOST_TOLD = 100;

/** Asks the authorizer that brokers have, with the ACLs and configs of a cluster. */
export function explainAcl(guard: AclGuard, question: AclQuestion): AclExplanation {
  const { principal, host = WILDCARD, operation, resourceType, resourceName } = question;
  const authorizer = new StandardAuthorizer(guard);
  authorizer.replaceAcls(guard.acls);
  const { allowed, rule } = authorizer.explain({ principal, host }, operation, resourceType, resourceName);
  const ofResource = [...new AclIndex(guard.acls).applyingTo(resourceTypeCodes[resourceType], resourceName)];
  const what = `${resourceType} ${resourceName}`;
  const told = { allowed, aclsOfResource: ofResource.slice(0, MOST_TOLD).map(toNamed) };
  switch (rule.kind) {
    case 'super user':
      return { ...told, rule: 'SUPER_USER', because: `${principal} is one of super.users.` };
    case 'acl': {
      const implied = rule.isImplied ? `, and who may ${toNamed(rule.acl).operation} may ${operation}` : '';
      return {
        ...told,
        rule: rule.isImplied ? 'IMPLIED_BY_ACL' : 'ACL',
        because: `${sentenceOf(rule.acl)}${implied}.`,
        acl: toNamed(rule.acl),
      };
    }
    case 'no acl allows it':
      return {
        ...told,
        rule: 'NO_ACL_ALLOWS_IT',
        because: `${what} has ACLs (${ofResource.length}), and none of them allows it.`,
      };
    case 'no acl found':
      return {
        ...told,
        rule: 'NO_ACL_FOUND',
        because: `No ACL is for ${what}, and allow.everyone.if.no.acl.found is ${guard.allowEveryoneIfNoAclFound}.`,
      };
  }
}

/** `ALLOW of READ to User:alice from every host on TOPIC orders (LITERAL)`. */
function sentenceOf(acl: Acl): string {
  const { permissionType, operation, principal, host, resourceType, resourceName, patternType } =
    toNamed(acl);
  const from = host === WILDCARD ? 'every host' : host;
  const verb = permissionType === 'ALLOW' ? 'allows' : 'denies';
  return `An ACL ${verb} ${operation} to ${principal} from ${from} on ${resourceType} ${resourceName} (${patternType})`;
}
