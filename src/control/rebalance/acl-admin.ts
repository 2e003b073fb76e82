import { type Clock, sleep } from '../../base/clock.ts';
import type { DecodedResponse } from '../../protocol/api.ts';
import { errorName } from '../../protocol/errors.ts';
import { describeAcls } from '../../protocol/messages/29-describe-acls.ts';
import { createAcls } from '../../protocol/messages/30-create-acls.ts';
import { deleteAcls } from '../../protocol/messages/31-delete-acls.ts';
import { type Acl, ANY, aclKey } from '../../security/acl/acl.ts';
import { type AdminRequests, check } from './admin-requests.ts';
import { AdminError } from './cluster-admin.ts';

/** The ACLs of a running cluster. Operating errors are AdminErrors, after retries where these could help. */
export interface AclAccess {
  /** Every ACL that there is; null where the cluster has no authorizer. */
  all(): Promise<readonly Acl[] | null>;
  /** One that is there already is as good. */
  create(acls: readonly Acl[]): Promise<void>;
  /** One that is not there is as good. */
  remove(acls: readonly Acl[]): Promise<void>;
  /**
   * Waits until the brokers that are alive decide by a change; the brokers that do not after some seconds.
   */
  awaitChange(change: { readonly come: readonly Acl[]; readonly gone: readonly Acl[] }): Promise<number[]>;
}

/** A broker follows the metadata log within milliseconds, unless it is held up. */
const FOLLOWS_WITHIN_MS = 5000;
const ASK_AGAIN_MS = 20;

/** What a controller makes or deletes by one request, as in Kafka. */
const ACLS_A_REQUEST = 10_000;

export class AclAdmin implements AclAccess {
  readonly #requests: AdminRequests;
  readonly #clock: Clock;

  constructor(requests: AdminRequests, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
  }

  async all(): Promise<readonly Acl[] | null> {
    let isGuarded = true;
    const answer = await this.#requests.askController(
      describeAcls,
      EVERY_ACL,
      ({ errorCode, errorMessage: message }) => {
        isGuarded = errorName(errorCode) !== 'SECURITY_DISABLED';
        if (isGuarded) check('DescribeAcls', errorCode, message);
      },
    );
    return isGuarded ? aclsOf(answer) : null;
  }

  async create(acls: readonly Acl[]): Promise<void> {
    const all = acls.map(({ patternType, ...acl }) => ({ ...acl, resourcePatternType: patternType }));
    for (const creations of portions(all))
      await this.#requests.askController(createAcls, { creations }, ({ results }) => {
        for (const { errorCode, errorMessage: message } of results) check('CreateAcls', errorCode, message);
      });
  }

  async remove(acls: readonly Acl[]): Promise<void> {
    const all = acls.map((acl) => ({
      resourceTypeFilter: acl.resourceType,
      resourceNameFilter: acl.resourceName,
      patternTypeFilter: acl.patternType,
      principalFilter: acl.principal,
      hostFilter: acl.host,
      operation: acl.operation,
      permissionType: acl.permissionType,
    }));
    for (const filters of portions(all))
      await this.#requests.askController(deleteAcls, { filters }, ({ filterResults }) => {
        for (const { errorCode, errorMessage: message } of filterResults)
          check('DeleteAcls', errorCode, message);
      });
  }

  async awaitChange(change: {
    readonly come: readonly Acl[];
    readonly gone: readonly Acl[];
  }): Promise<number[]> {
    const deadline = this.#clock.monotonic() + FOLLOWS_WITHIN_MS;
    await this.#requests.metadata([]);
    let behind = [...this.#requests.brokers];
    for (;;) {
      const follows = await Promise.all(behind.map((broker) => this.#follows(broker, change)));
      behind = behind.filter((_, index) => !follows[index]);
      if (behind.length === 0 || this.#clock.monotonic() >= deadline) return behind;
      await sleep(this.#clock, ASK_AGAIN_MS);
    }
  }

  async #follows(
    broker: number,
    { come, gone }: { readonly come: readonly Acl[]; readonly gone: readonly Acl[] },
  ): Promise<boolean> {
    try {
      const answer = await this.#requests.ask(broker, describeAcls, EVERY_ACL);
      check('DescribeAcls', answer.errorCode, answer.errorMessage);
      const keys = new Set(aclsOf(answer).map(aclKey));
      return come.every((acl) => keys.has(aclKey(acl))) && !gone.some((acl) => keys.has(aclKey(acl)));
    } catch (error) {
      if (!(error instanceof AdminError) || !error.retriable) throw error;
      return false;
    }
  }
}

const EVERY_ACL = {
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
};

function aclsOf({ resources }: DecodedResponse<typeof describeAcls>): Acl[] {
  return resources.flatMap(({ acls, ...resource }) => acls.map((entry) => ({ ...resource, ...entry })));
}

function* portions<One>(all: readonly One[]): Generator<One[]> {
  for (let from = 0; from < all.length; from += ACLS_A_REQUEST) yield all.slice(from, from + ACLS_A_REQUEST);
}
