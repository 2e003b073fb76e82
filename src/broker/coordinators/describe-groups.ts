import type { ErrorName } from '../../protocol/errors.ts';
import type { Authorize } from '../../server/authorizer.ts';
import { authorizedOperations, type EveryRight, everyRight } from '../metadata-view/authorized-operations.ts';

/** What a handler that describes groups asks the authorizer for. */
export const DESCRIBES_GROUPS = [...everyRight('GROUP'), 'TOPIC:DESCRIBE'] as const;

type Rights = EveryRight<'GROUP'> | 'TOPIC:DESCRIBE';

interface DescribedGroup {
  readonly groupId: string;
  readonly errorCode: number;
}

/** How groups of one kind are described. */
export interface DescribedKind<Described extends DescribedGroup> {
  /** Whether the cluster has groups of this kind. */
  readonly isServed: boolean;
  /** An error for each group that is not there, or of another kind. */
  describe(groupIds: readonly string[]): Promise<readonly Described[]>;
  /** A description that has nothing but the error. */
  undescribed(groupId: string, error: ErrorName, message?: string): Described;
  /** The topics that the description names. */
  topicsOf(group: Described): readonly string[];
  /** What is told in place of a group with a topic that the caller may not describe. */
  readonly topicRefusal: string;
}

/**
 * Answers a request to describe groups: those that the caller may describe, unless a topic of the group is
 * hidden from it; with the operations that the caller may do, if it asks. Refused groups come first, as in
 * Kafka.
 */
export async function describeGroups<Described extends DescribedGroup>(
  request: { readonly groupIds: readonly string[]; readonly includeAuthorizedOperations: boolean },
  { authorize, allows }: { readonly authorize: Authorize<Rights>; readonly allows: Authorize<Rights> },
  kind: DescribedKind<Described>,
): Promise<{ readonly groups: readonly Described[] }> {
  // Whoever names a group a million times is told of it once.
  const groupIds = [...new Set(request.groupIds)];
  if (!kind.isServed)
    return { groups: groupIds.map((groupId) => kind.undescribed(groupId, 'UNSUPPORTED_VERSION')) };
  const isAllowed = (groupId: string): boolean => authorize('DESCRIBE', 'GROUP', groupId);
  const refused = groupIds.filter((groupId) => !isAllowed(groupId));
  const described = await kind.describe(groupIds.filter(isAllowed));
  return {
    groups: [
      ...refused.map((groupId) => kind.undescribed(groupId, 'GROUP_AUTHORIZATION_FAILED')),
      ...described.map((group) => {
        const isHidden = [...new Set(kind.topicsOf(group))].some(
          (topic) => !authorize('DESCRIBE', 'TOPIC', topic),
        );
        if (isHidden) return kind.undescribed(group.groupId, 'TOPIC_AUTHORIZATION_FAILED', kind.topicRefusal);
        return request.includeAuthorizedOperations && group.errorCode === 0
          ? { ...group, authorizedOperations: authorizedOperations(allows, 'GROUP', group.groupId) }
          : group;
      }),
    ],
  };
}
