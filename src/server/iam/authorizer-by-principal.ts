import type { AclOperation, ResourceType } from '../../security/acl/acl.ts';
import { IAM_PRINCIPAL_TYPE } from '../../security/iam/directory.ts';
import type { Authorizer, Caller } from '../authorizer.ts';

const IAM = `${IAM_PRINCIPAL_TYPE}:`;

/**
 * ACLs decide for users, and policies for whoever signed in by IAM: neither an ACL nor `super.users` nor
 * `allow.everyone.if.no.acl.found` gives anything to a principal of IAM.
 */
export class AuthorizerByPrincipal implements Authorizer {
  readonly #acls: Authorizer;
  readonly #policies: Authorizer | null;

  /** `policies`: null where nobody signs in by IAM; whoever says so all the same may do nothing. */
  constructor(acls: Authorizer, policies: Authorizer | null) {
    this.#acls = acls;
    this.#policies = policies;
  }

  authorize(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    return this.#of(caller)?.authorize(caller, operation, resourceType, name) ?? false;
  }

  allows(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    return this.#of(caller)?.allows(caller, operation, resourceType, name) ?? false;
  }

  authorizeSome(caller: Caller, operation: AclOperation, resourceType: ResourceType): boolean {
    return this.#of(caller)?.authorizeSome(caller, operation, resourceType) ?? false;
  }

  #of({ principal, isPeer }: Caller): Authorizer | null {
    return !isPeer && principal.startsWith(IAM) ? this.#policies : this.#acls;
  }
}
