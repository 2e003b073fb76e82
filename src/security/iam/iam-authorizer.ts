import type { AclOperation, ResourceType } from '../acl/acl.ts';
import { type AccessDecision, decideAccess, policySetOf } from './access-decision.ts';
import type { IamDirectory, IamIdentity } from './directory.ts';
import type { IamAsker } from './iam-asker.ts';
import { actionOf, type KafkaActionName, kafkaActions, qualified } from './kafka-actions.ts';
import { MalformedPolicy } from './policy/malformed-policy.ts';
import type { PolicySet } from './policy/policy-decision.ts';
import { resourceArn } from './resource-arn.ts';

/**
 * Decisions that are remembered until users, roles or policies change: of some dozens of clients that read a
 * thousand topics each. They take up to 50 MB.
 */
const REMEMBERED = 50_000;
/** Users and sessions whose policies are remembered; a session may have a policy of its own. */
const ASKERS_REMEMBERED = 5_000;
/**
 * In characters: names of topics are shorter, and clients may ask for longer groups as often as they like.
 */
const LONGEST_REMEMBERED = 500;
/** How long decisions of policies that ask for the time are remembered. */
const TIMED_MS = 1000;
/** What "with at least one resource" asks for: see `authorizeSome`. */
const EVERY_NAME = '*';

/** Decides by the policies of IAM what whoever signed in by IAM may do. ACLs decide nothing about it. */
export class IamAuthorizer {
  readonly #directory: () => IamDirectory | null;
  readonly #nowMs: () => number;
  /** What `#rights` are of. */
  #known: IamDirectory | null = null;
  readonly #rights = new Map<string, Rights>();
  /** The same rights by the very object that a connection has. */
  #rightsOf = new WeakMap<IamIdentity, Rights>();
  #remembered = 0;

  /**
   * `directory`: another object after each change; null where it is not known, and then nothing is allowed.
   * `nowMs`: since 1970.
   */
  constructor(options: { readonly directory: () => IamDirectory | null; readonly nowMs: () => number }) {
    this.#directory = options.directory;
    this.#nowMs = options.nowMs;
  }

  decide(asker: IamAsker, operation: AclOperation, resourceType: ResourceType, name: string): AccessDecision {
    const directory = this.#follow();
    const action = actionOf(operation, resourceType);
    if (!directory || !action) {
      const kind = directory ? 'no action' : 'no directory';
      // No action has these names: they are Kafka's, for whoever reads why it was denied.
      return { allowed: false, action: `${operation} ${resourceType}`, resource: name, rule: { kind } };
    }
    const rights = this.#rightsFor(asker, directory);
    const known = { directory, policies: rights.policies, nowMs: this.#nowMs() };
    const decideNow = () =>
      decideAccess(
        asker,
        { ...known, connect: this.#connect(asker, rights, directory) },
        action,
        resourceArn(directory.clusterArn, kafkaActions[action].resource, name),
      );
    if (name.length > LONGEST_REMEMBERED) return decideNow();
    return this.#once(rights, action, name, decideNow);
  }

  /** Whether the asker may be connected at all. */
  decideConnect(asker: IamAsker): AccessDecision {
    const directory = this.#follow();
    const asked = { action: qualified('Connect'), resource: directory?.clusterArn ?? 'the cluster' };
    if (!directory) return { allowed: false, ...asked, rule: { kind: 'no directory' } };
    return this.#connect(asker, this.#rightsFor(asker, directory), directory);
  }

  /**
   * Whether the asker may do this with at least one resource of the type. As MSK: with all of them, so that a
   * policy for a single topic needs kafka-cluster:WriteDataIdempotently for producers with idempotence.
   */
  decideSome(asker: IamAsker, operation: AclOperation, resourceType: ResourceType): AccessDecision {
    return this.decide(asker, operation, resourceType, EVERY_NAME);
  }

  #connect(asker: IamAsker, rights: Rights, directory: IamDirectory): AccessDecision {
    const known = { directory, policies: rights.policies, nowMs: this.#nowMs() };
    return this.#once(rights, 'Connect', '', () =>
      decideAccess(asker, known, 'Connect', directory.clusterArn),
    );
  }

  /** The newest directory, of which everything is that is remembered. */
  #follow(): IamDirectory | null {
    const directory = this.#directory();
    if (directory === this.#known) return directory;
    this.#known = directory;
    this.#forget();
    return directory;
  }

  #forget(): void {
    this.#rights.clear();
    this.#rightsOf = new WeakMap();
    this.#remembered = 0;
  }

  #rightsFor(asker: IamAsker, directory: IamDirectory): Rights {
    const { identity, host } = asker;
    const known = this.#rightsOf.get(identity);
    if (known?.host === host) return known;
    // A session's policy is part of who asks: two sessions of one name may differ in it.
    const who = [identity.principalArn, identity.identityArn, identity.sessionPolicy, host];
    const key = JSON.stringify(who);
    let rights = this.#rights.get(key);
    if (!rights) {
      if (this.#rights.size >= ASKERS_REMEMBERED) this.#forget();
      rights = new Rights(host, policySetOf(asker, directory));
      this.#rights.set(key, rights);
    }
    this.#rightsOf.set(identity, rights);
    return rights;
  }

  #once(
    rights: Rights,
    action: KafkaActionName,
    name: string,
    decideNow: () => AccessDecision,
  ): AccessDecision {
    const decisions = rights.decisionsOf(action, rights.changesWithTime ? this.#nowMs() : 0);
    const known = decisions.get(name);
    if (known) return known;
    const decision = decideNow();
    if (this.#remembered >= REMEMBERED) this.#forget();
    else {
      decisions.set(name, decision);
      this.#remembered++;
    }
    return decision;
  }
}

/** What is known of one asker's rights. */
class Rights {
  readonly host: string;
  /** Null where there is no such user or role. */
  readonly policies: PolicySet | null;
  readonly changesWithTime: boolean;
  readonly #decisions = new Map<KafkaActionName, Map<string, AccessDecision>>();
  #since = 0;

  constructor(host: string, policies: PolicySet | null) {
    this.host = host;
    this.policies = policies;
    const all = policies ? [...policies.policies, ...(policies.session ? [policies.session] : [])] : [];
    this.changesWithTime = all.some(
      ({ document }) => !(document instanceof MalformedPolicy) && document.changesWithTime,
    );
  }

  /** By the names of resources. `nowMs` counts only where decisions change with time. */
  decisionsOf(action: KafkaActionName, nowMs: number): Map<string, AccessDecision> {
    if (this.changesWithTime && Math.abs(nowMs - this.#since) >= TIMED_MS) {
      this.#decisions.clear();
      this.#since = nowMs;
    }
    let decisions = this.#decisions.get(action);
    if (!decisions) {
      decisions = new Map();
      this.#decisions.set(action, decisions);
    }
    return decisions;
  }
}
