import type { Offset } from '../base/brand.ts';
import type { DeferredSet } from '../base/deferred-set.ts';
import type { World } from '../base/world.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { RaftLeader } from '../raft/leader.ts';
import type { Observers } from '../raft/observers.ts';
import type { Dispatcher } from '../server/dispatch.ts';
import type { NewestConnections } from '../server/newest-connections.ts';
import type { ConfigRules } from './config-rules.ts';
import type { ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { MutationQuotas } from './mutation-quotas.ts';
import type { TopicDefaults } from './topics-control.ts';

/**
 * The answer of a command when this controller does not lead, or did not any more before it was committed.
 */
export const NOT_CONTROLLER = Symbol('not controller');

/** What a decision about brokers reads beside the state. */
export interface CommandContext {
  /** The offset that the first record of the decision will have. */
  readonly nextOffset: Offset;
  readonly heartbeats: Heartbeats;
}

/** What the controller's handlers work with. */
export interface ControllerContext {
  readonly world: World;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly rules: ConfigRules;
  /** Whether there are ACLs at all. */
  readonly hasAuthorizer: boolean;
  /** Undefined while this controller does not lead; the same for the next two. */
  readonly leader: RaftLeader | undefined;
  readonly observers: Observers | undefined;
  readonly image: ClusterImage | undefined;
  readonly waitingFetches: DeferredSet<'metadata'>;
  readonly dispatcher: Dispatcher<ControllerContext>;
  topicDefaults(): TopicDefaults;
  readonly forwarders: NewestConnections;
  /** How much clients may still change under their quotas. */
  readonly mutationQuotas: MutationQuotas;
  /** Decides now; resolves with the answer when everything it rests on is committed. */
  command<Answer>(
    decide: (state: DecisionState, context: CommandContext) => ControllerDecision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER>;
  /**
   * The same for what a client asked for: resolves when every live broker knows what it changed, too, or
   * after three seconds. Clients change something through one broker and ask another about it at once.
   */
  change<Answer>(
    decide: (state: DecisionState, context: CommandContext) => ControllerDecision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER>;
}
