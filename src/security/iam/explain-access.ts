import { type AccessDecision, decideAccess, policySetOf } from './access-decision.ts';
import type { IamDirectory } from './directory.ts';
import type { IamAsker } from './iam-asker.ts';
import { type KafkaActionName, kafkaActions } from './kafka-actions.ts';
import { clusterOf, resourceArn } from './resource-arn.ts';

/** What a policy simulator says. */
export interface AccessExplanation extends AccessDecision {
  /**
   * What MSK's table of actions says that clients need besides: allowed or not where it is about the same
   * resource or the cluster, null where it is about another one.
   */
  readonly needs: readonly { readonly action: KafkaActionName; readonly decision: AccessDecision | null }[];
}

/** What is read of a directory. */
type ExplainedDirectory = Pick<IamDirectory, 'account' | 'region' | 'clusterArn' | 'identityId' | 'policies'>;

/**
 * Whether the asker may do this to the resource, as a broker of the resource's cluster decides, and by which
 * statement. Returns a sentence where the ARN is none of a cluster, topic, group or transactional id, or is
 * of another kind than the action is about. Pure: `nowMs` is the time of the request, since 1970.
 */
export function explainAccess(
  asker: IamAsker,
  { directory, nowMs }: { readonly directory: ExplainedDirectory; readonly nowMs: number },
  action: KafkaActionName,
  resource: string,
): AccessExplanation | { readonly wrong: string } {
  const place = clusterOf(resource);
  const kind = kafkaActions[action].resource;
  if (!place || place.resource !== kind) {
    const example = resourceArn(directory.clusterArn, kind, 'NAME');
    return {
      wrong: `${resource} is no ARN that kafka-cluster:${action} is about: it takes one as ${example}.`,
    };
  }
  const policies = policySetOf(asker, directory);
  const { account, region } = directory;
  const identityId = (arn: string) => directory.identityId(arn);
  const cluster = { account, region, identityId, clusterArn: place.clusterArn };
  const about = (name: KafkaActionName, arn: string) =>
    decideAccess(asker, { directory: cluster, policies, nowMs }, name, arn);
  const needs = kafkaActions[action].needs.map((needed) => {
    const { resource: its } = kafkaActions[needed];
    const isHere = its === kind || its === 'cluster';
    return {
      action: needed,
      decision: isHere ? about(needed, resourceArn(place.clusterArn, its, place.name)) : null,
    };
  });
  return { ...about(action, resource), needs };
}
