import { AclsImage } from '../metadata/acls.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { AclOperation, ResourceType } from '../security/acl/acl.ts';
import { StandardAuthorizer } from '../security/acl/standard-authorizer.ts';
import type { Authorizer, Caller } from '../server/authorizer.ts';

/** Decides by the ACLs of the cluster's newest image. Brokers and controller each have one. */
export class ImageAuthorizer implements Authorizer {
  readonly #standard: StandardAuthorizer;
  readonly #image: () => ClusterImage | undefined;
  #acls = AclsImage.empty;

  constructor(options: {
    /** Undefined while nothing is known: then only peers are let through. */
    readonly image: () => ClusterImage | undefined;
    /** super.users: principals between semicolons. */
    readonly superUsers: string;
    readonly allowEveryoneIfNoAclFound: boolean;
  }) {
    this.#image = options.image;
    this.#standard = new StandardAuthorizer({
      superUsers: options.superUsers
        .split(';')
        .map((user) => user.trim())
        .filter((user) => user !== ''),
      allowEveryoneIfNoAclFound: options.allowEveryoneIfNoAclFound,
    });
  }

  authorize(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    if (caller.isPeer) return true;
    if (!this.#follow()) return false;
    return this.#standard.allows(askerOf(caller), operation, resourceType, name);
  }

  allows(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    return this.authorize(caller, operation, resourceType, name);
  }

  authorizeSome(caller: Caller, operation: AclOperation, resourceType: ResourceType): boolean {
    if (caller.isPeer) return true;
    if (!this.#follow()) return false;
    return this.#standard.allowsSome(askerOf(caller), operation, resourceType);
  }

  /** A part of the image that did not change is the same object. */
  #follow(): boolean {
    const acls = this.#image()?.acls;
    if (!acls) return false;
    if (acls !== this.#acls) {
      this.#standard.changeAcls(acls.changesSince(this.#acls));
      this.#acls = acls;
    }
    return true;
  }
}

function askerOf({ principal, clientHost }: Caller): { readonly principal: string; readonly host: string } {
  return { principal, host: clientHost };
}
