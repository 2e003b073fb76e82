import type { Clock } from '../../base/clock.ts';
import { inPortions } from '../../base/portions.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import { answer } from '../decision.ts';
import { type CoordinatorRuntime, clientError } from '../runtime.ts';
import type { ClientContext } from './client-context.ts';
import { type DescribedConsumerGroup, undescribedConsumerGroup } from './consumer/describe.ts';
import { type DescribedGroup, groupFilter, undescribed } from './describe.ts';
import type { GroupShard } from './group-shard.ts';
import type { GroupRecord } from './records.ts';
import { type DescribedShareGroup, undescribedShareGroup } from './share/share-describe.ts';
import { type DescribedStreamsGroup, undescribedStreamsGroup } from './streams/describe.ts';

/** How groups stand that are coordinated here, for those who administer them: a method per kind of groups. */
export class GroupDescriptions {
  readonly #clock: Clock;
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>;

  constructor(clock: Clock, runtime: CoordinatorRuntime<GroupShard, GroupRecord>) {
    this.#clock = clock;
    this.#runtime = runtime;
  }

  async classic(client: ClientContext, groupIds: readonly string[]): Promise<DescribedGroup[]> {
    return inPortions(this.#clock, groupIds, (groupId) =>
      this.#runtime.runFor<DescribedGroup>(
        groupId,
        (shard) => answer(shard.describe(groupId, client.apiVersion)),
        (error) => undescribed(groupId, clientError(error)),
      ),
    );
  }

  consumer(groupIds: readonly string[]): Promise<DescribedConsumerGroup[]> {
    return this.#describe(groupIds, undescribedConsumerGroup, (shard, groupId) =>
      shard.consumer.describe(groupId),
    );
  }

  streams(groupIds: readonly string[]): Promise<DescribedStreamsGroup[]> {
    return this.#describe(groupIds, undescribedStreamsGroup, (shard, groupId) =>
      shard.streams.describe(groupId),
    );
  }

  /**
   * The groups this broker coordinates. One shard that is loading makes it an error: the list would not be
   * whole.
   */
  async list(filter: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>): Promise<ListGroupsResponse> {
    // Made once: there are fifty shards, and a filter may have a hundred thousand words.
    const isListed = groupFilter(filter);
    const listed = await this.#runtime.list((shard) => shard.list(isListed));
    return 'error' in listed
      ? { errorCode: errorCode(listed.error), groups: [] }
      : { errorCode: 0, groups: listed };
  }

  share(groupIds: readonly string[]): Promise<DescribedShareGroup[]> {
    return this.#describe(groupIds, undescribedShareGroup, (shard, groupId) => shard.share.describe(groupId));
  }

  /** `undescribed`: the description that has nothing but this error. */
  #describe<Described>(
    groupIds: readonly string[],
    undescribed: (groupId: string, error: ErrorName) => Described,
    describe: (shard: GroupShard, groupId: string) => Described,
  ): Promise<Described[]> {
    return inPortions(this.#clock, groupIds, (groupId) =>
      groupId === ''
        ? undescribed(groupId, 'INVALID_GROUP_ID')
        : this.#runtime.runFor<Described>(
            groupId,
            (shard) => answer(describe(shard, groupId)),
            (error) => undescribed(groupId, clientError(error)),
          ),
    );
  }
}
