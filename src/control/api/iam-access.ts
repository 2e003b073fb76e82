import { type AccessDecision, accessRuleText } from '../../security/iam/access-decision.ts';
import type { IamIdentity } from '../../security/iam/directory.ts';
import { explainAccess } from '../../security/iam/explain-access.ts';
import { KAFKA_ACTION_NAMES, qualified } from '../../security/iam/kafka-actions.ts';
import { clusterOf } from '../../security/iam/resource-arn.ts';
import { badRequest, isApiError } from '../aws/api-error.ts';
import { assumedRoleArn, type Place } from '../aws/arn.ts';
import type { Iam } from '../state/iam/iam.ts';
import { policiesOf } from '../state/iam/policies-of.ts';
import { HOST } from './acl-shapes.ts';
import { ARN, operation } from './operation.ts';
import { oneOf, optional, structure } from './shape.ts';

/** Where clients come from that say nothing of it. */
const THIS_MACHINE = '127.0.0.1';
/** Of a role: policies can ask for the name of the session, and no session is named here. */
const SESSION = 'simulated';

/**
 * May a user or role do this to a cluster, a topic, a group or a transactional id, and which statement
 * decides: as the brokers of that cluster decide, by the policies that there are now.
 */
export const simulateAccess = operation({
  name: 'SimulateIamAccess',
  input: structure({
    /** The ARN of a user or a role. */
    principal: ARN,
    action: oneOf(...KAFKA_ACTION_NAMES),
    resource: ARN,
    host: optional(HOST),
  }),
  handle: ({ options, sealed: { iam }, store }, { principal, action, resource, host = THIS_MACHINE }) => {
    const identity = identityOf(iam, options, principal);
    if (!identity)
      return { error: 'NotFoundException', message: `There is no IAM user or role ${principal} here.` };
    const place = clusterOf(resource);
    if (!place)
      return badRequest(
        `${resource} is no ARN of a cluster, a topic, a group or a transactional id.`,
        'resource',
      );
    const cluster = store.clusters.get(place.clusterArn);
    if (isApiError(cluster)) return cluster;
    const directory = {
      ...{ account: options.account, region: cluster.region, clusterArn: cluster.arn },
      identityId: (arn: string) => ownerOf(iam, arn)?.id ?? null,
      policies: (arn: string) => {
        const owner = ownerOf(iam, arn);
        return owner ? policiesOf(iam, owner) : [];
      },
    };
    const explained = explainAccess({ identity, host }, { directory, nowMs: Date.now() }, action, resource);
    if ('wrong' in explained) return badRequest(explained.wrong, 'resource');
    return {
      ...told(explained),
      needs: explained.needs.map((need) => ({
        action: qualified(need.action),
        decision: need.decision && told(need.decision),
      })),
    };
  },
});

function told({ allowed, action, resource, rule }: AccessDecision): object {
  return { allowed, action, resource, because: accessRuleText(rule) };
}

function ownerOf(iam: Iam, arn: string) {
  const owner = iam.byArn(arn);
  return owner?.kind === 'user' || owner?.kind === 'role' ? owner : null;
}

/** As who signed in; null where there is no such user or role. */
function identityOf(iam: Iam, place: Place, arn: string): IamIdentity | null {
  const owner = ownerOf(iam, arn);
  if (!owner) return null;
  const principalArn = owner.kind === 'role' ? assumedRoleArn(place, owner.name, SESSION) : arn;
  return { principalArn, identityArn: arn, sessionPolicy: null };
}
