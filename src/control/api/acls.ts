import { type Acl, type AclOperation, aclKey } from '../../security/acl/acl.ts';
import { type AclFilter, matchesFilter } from '../../security/acl/acl-filter.ts';
import {
  filterFromNamed,
  fromNamed,
  type NamedAcl,
  type NamedAclFilter,
  toNamed,
} from '../../security/acl/named-acl.ts';
import { invalidAcl } from '../../security/acl/new-acl.ts';
import { supportedOperations } from '../../security/acl/supported-operations.ts';
import { type AclGuard, aclChange } from '../access/acl-change.ts';
import { explainAcl } from '../access/acl-explanation.ts';
import { aclHost, invalidAclHost } from '../access/acl-host.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import type { Cluster } from '../state/cluster.ts';
import { signsIn } from '../state/listeners.ts';
import {
  FILTER,
  FILTER_FIELDS,
  HOST,
  NEW_ACL,
  OPERATION,
  PRINCIPAL,
  RESOURCE_NAME,
  RESOURCE_TYPE,
} from './acl-shapes.ts';
import { type ApiAnswer, ARN, operation } from './operation.ts';
import { boolean, list, optional, structure } from './shape.ts';

/** ACLs or filters in one request: what fits on a command line, and is decided at once. */
const MOST_AT_ONCE = 200;

export const listAcls = operation({
  name: 'ListAcls',
  input: structure({ ClusterArn: ARN, ...FILTER_FIELDS }),
  handle: (control, { ClusterArn, ...filter }) =>
    withAcls(control, ClusterArn, async ({ acls }) => ({
      acls: acls.filter((acl) => matchesFilter(filterOf(filter), acl)).map(toNamed),
    })),
});

/**
 * May this be done, and what decides it: the answer of the brokers' own authorizer, for the ACLs that they
 * have now.
 */
export const explain = operation({
  name: 'ExplainAcl',
  input: structure({
    ClusterArn: ARN,
    principal: PRINCIPAL,
    /** By default one that no ACL names. */
    host: optional(HOST),
    operation: OPERATION,
    resourceType: RESOURCE_TYPE,
    resourceName: RESOURCE_NAME,
  }),
  handle: (control, { ClusterArn, ...question }) =>
    withAcls(control, ClusterArn, async (guard) =>
      explainAcl(
        guard,
        question.host === undefined ? question : { ...question, host: aclHost(question.host) },
      ),
    ),
});

/** Makes ACLs; with `dryRun` it only says who could do less, or more, than now. */
export const addAcls = operation({
  name: 'AddAcls',
  input: structure({
    ClusterArn: ARN,
    acls: list(NEW_ACL, { min: 1, max: MOST_AT_ONCE }),
    dryRun: optional(boolean),
  }),
  handle: (control, { ClusterArn, acls: given, dryRun = false }) => {
    const wanted = given.map((acl) => ({ ...acl, host: aclHost(acl.host) }));
    for (const [index, acl] of wanted.entries()) {
      const problem = invalidAcl(fromNamed(acl)) ?? unsupported(acl) ?? invalidAclHost(acl.host);
      if (problem !== null) return badRequest(problem, `acls[${index}]`);
    }
    return withAcls(control, ClusterArn, async (guard) => {
      const known = new Set(guard.acls.map(aclKey));
      const come = distinct(wanted.map(fromNamed)).filter((acl) => !known.has(aclKey(acl)));
      return change(guard, { come, gone: [] }, dryRun);
    });
  },
});

/**
 * Removes every ACL that one of the filters means; with `dryRun` it only says which, and who could do less,
 * or more, than now.
 */
export const removeAcls = operation({
  name: 'RemoveAcls',
  input: structure({
    ClusterArn: ARN,
    filters: list(FILTER, { min: 1, max: MOST_AT_ONCE }),
    dryRun: optional(boolean),
  }),
  handle: (control, { ClusterArn, filters: given, dryRun = false }) =>
    withAcls(control, ClusterArn, async (guard) => {
      const filters = given.map(filterOf);
      const gone = guard.acls.filter((acl) => filters.some((filter) => matchesFilter(filter, acl)));
      return change(guard, { come: [], gone }, dryRun);
    }),
});

/** ACLs from hosts that no client comes from can still be found and removed. */
function filterOf(filter: NamedAclFilter): AclFilter {
  const { host } = filter;
  return filterFromNamed(host === undefined ? filter : { ...filter, host: aclHost(host) });
}

interface Change {
  readonly come: readonly Acl[];
  readonly gone: readonly Acl[];
}

async function change(guard: Guarded, { come, gone }: Change, dryRun: boolean): Promise<object> {
  const users = [...(await guard.access.scramUsers())].sort();
  const told = {
    added: come.map(toNamed),
    removed: gone.map(toNamed),
    ...aclChange(guard, { users, letsAnonymousIn: guard.letsAnonymousIn }, { come, gone }),
  };
  if (dryRun) return { dryRun, ...told };
  if (come.length > 0) await guard.access.acls.create(come);
  if (gone.length > 0) await guard.access.acls.remove(gone);
  /** Brokers that were alive and did not yet decide by the change when this was answered. */
  const brokersBehind = await guard.access.acls.awaitChange({ come, gone });
  return { dryRun, ...told, brokersBehind };
}

interface Guarded extends AclGuard {
  readonly letsAnonymousIn: boolean;
  readonly access: ReturnType<Control['connect']>;
}

/**
 * With what guards a running cluster. Its authorizer reads the configs of its brokers, which the control
 * plane gives them.
 */
async function withAcls(
  control: Control,
  arn: string,
  answer: (guard: Guarded) => Promise<object>,
): Promise<ApiAnswer> {
  const cluster = control.store.clusters.get(arn);
  if (isApiError(cluster)) return cluster;
  if (['CREATING', 'FAILED', 'DELETING'].includes(cluster.state))
    return badRequest(`The cluster ${cluster.name} is ${cluster.state}: it has no ACLs.`, 'clusterArn');
  const access = control.connect(cluster);
  try {
    const acls = await access.acls.all();
    if (!acls)
      return badRequest(
        `The cluster ${cluster.name} has no authorizer, so everybody may do everything: clusters that are created through the API have one.`,
        'clusterArn',
      );
    const letsAnonymousIn = cluster.brokers.some(({ listeners }) => listeners.some((kind) => !signsIn(kind)));
    return await answer({ acls: sorted(acls), access, letsAnonymousIn, ...authorizerConfig(cluster) });
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return failure(cluster, error);
  } finally {
    await access.close();
  }
}

function authorizerConfig({ brokerConfig }: Cluster): Omit<AclGuard, 'acls'> {
  return {
    superUsers: (brokerConfig['super.users'] ?? '')
      .split(';')
      .map((user) => user.trim())
      .filter((user) => user !== ''),
    allowEveryoneIfNoAclFound: brokerConfig['allow.everyone.if.no.acl.found'] === 'true',
  };
}

function failure({ name }: Cluster, { message, retriable }: AdminError): ApiError {
  return retriable
    ? {
        error: 'ServiceUnavailableException',
        message: `The cluster ${name} cannot be asked now: ${message}.`,
      }
    : badRequest(message);
}

/** Kafka's own tool refuses it too: such an ACL would decide nothing. */
function unsupported({ resourceType, operation: asked }: NamedAcl): string | null {
  const supported: readonly AclOperation[] = supportedOperations[resourceType];
  return asked === 'ALL' || supported.includes(asked)
    ? null
    : `A ${resourceType} has the operations ${['ALL', ...supported].join(', ')}, not ${asked}`;
}

/**
 * The same ACLs are told, and explain, in the same order each time; the metadata log has them by random ids.
 */
function sorted(acls: readonly Acl[]): Acl[] {
  const keyed = acls.map((acl) => ({ acl, key: aclKey(acl) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ acl }) => acl);
}

function distinct(acls: readonly Acl[]): Acl[] {
  return [...new Map(acls.map((acl) => [aclKey(acl), acl])).values()];
}
