import type { World } from '../../base/world.ts';
import type { AclOperation, ResourceType } from '../../security/acl/acl.ts';
import { type AccessRule, accessRuleText } from '../../security/iam/access-decision.ts';
import type { IamDirectory, IamIdentity } from '../../security/iam/directory.ts';
import { IamAuthorizer } from '../../security/iam/iam-authorizer.ts';
import type { Authorizer, Caller } from '../authorizer.ts';
import { IamDenials } from './iam-denials.ts';

/** Decides for clients that signed in by IAM, and for nobody else. Whatever is not known of them is a No. */
export class PolicyAuthorizer implements Authorizer {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #authorizer: IamAuthorizer;
  readonly #denials: IamDenials;
  /** For as long as the request that came with the directory: it may ask about thousands of names. */
  readonly #ofForwarded = new WeakMap<IamDirectory, IamAuthorizer>();

  /** `directory`: another object after each change; null while there is none. */
  constructor(world: Pick<World, 'clock' | 'log'>, directory: () => IamDirectory | null) {
    this.#world = world;
    this.#authorizer = this.#authorizerOf(directory);
    this.#denials = new IamDenials(world);
  }

  /** How many requests were denied, by the kind of the rule that denied them. */
  get denials(): ReadonlyMap<AccessRule['kind'], number> {
    return this.#denials.counts;
  }

  authorize(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    const decision = this.#decide(caller, operation, resourceType, name);
    if (decision && !decision.allowed && caller.iam)
      this.#denials.denied({ identity: caller.iam, host: caller.clientHost }, decision);
    return decision?.allowed === true;
  }

  allows(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    return this.#decide(caller, operation, resourceType, name)?.allowed === true;
  }

  authorizeSome(caller: Caller, operation: AclOperation, resourceType: ResourceType): boolean {
    if (!caller.iam) return false;
    const asker = { identity: caller.iam, host: caller.clientHost };
    return this.#of(caller).decideSome(asker, operation, resourceType).allowed;
  }

  /** Why the client may not connect, as the end of a sentence; null when it may. */
  connectDenial(identity: IamIdentity, clientHost: string): string | null {
    const { allowed, resource, rule } = this.#authorizer.decideConnect({ identity, host: clientHost });
    return allowed ? null : `kafka-cluster:Connect on ${resource}: ${accessRuleText(rule)}`;
  }

  stop(): void {
    this.#denials.stop();
  }

  #decide(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string) {
    if (!caller.iam) return null;
    const asker = { identity: caller.iam, host: caller.clientHost };
    return this.#of(caller).decide(asker, operation, resourceType, name);
  }

  /** A request that a broker brings is decided by what that broker knows. */
  #of({ iamDirectory }: Caller): IamAuthorizer {
    if (!iamDirectory) return this.#authorizer;
    let authorizer = this.#ofForwarded.get(iamDirectory);
    if (!authorizer) {
      authorizer = this.#authorizerOf(() => iamDirectory);
      this.#ofForwarded.set(iamDirectory, authorizer);
    }
    return authorizer;
  }

  #authorizerOf(directory: () => IamDirectory | null): IamAuthorizer {
    return new IamAuthorizer({ directory, nowMs: () => this.#world.clock.now() });
  }
}
