import { ClassicGroup } from './classic/classic-group.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import { ShareGroup } from './share/share-group.ts';
import { StreamsGroup } from './streams/streams-group.ts';

export type AnyGroup = ClassicGroup | ConsumerGroup | ShareGroup | StreamsGroup;

/** The groups of a shard by id, whatever their kind. */
export class Groups {
  readonly #byId = new Map<string, AnyGroup>();

  find(groupId: string): AnyGroup | undefined {
    return this.#byId.get(groupId);
  }

  all(): IterableIterator<AnyGroup> {
    return this.#byId.values();
  }

  classic(groupId: string): ClassicGroup | undefined {
    const group = this.#byId.get(groupId);
    return group?.type === 'classic' ? group : undefined;
  }

  consumer(groupId: string): ConsumerGroup | undefined {
    const group = this.#byId.get(groupId);
    return group?.type === 'consumer' ? group : undefined;
  }

  streams(groupId: string): StreamsGroup | undefined {
    const group = this.#byId.get(groupId);
    return group?.type === 'streams' ? group : undefined;
  }

  share(groupId: string): ShareGroup | undefined {
    const group = this.#byId.get(groupId);
    return group?.type === 'share' ? group : undefined;
  }

  /**
   * The group as replay finds or makes it; it takes the place of a group of another kind, which has ended.
   */
  replayedConsumer(groupId: string): ConsumerGroup {
    return this.consumer(groupId) ?? this.#put(new ConsumerGroup(groupId));
  }

  /** The same for a streams group. */
  replayedStreams(groupId: string): StreamsGroup {
    return this.streams(groupId) ?? this.#put(new StreamsGroup(groupId));
  }

  /** The same for a share group. */
  replayedShare(groupId: string): ShareGroup {
    return this.share(groupId) ?? this.#put(new ShareGroup(groupId));
  }

  /** The same for a classic group; `timestamp` is when it was made, in milliseconds since 1970. */
  replayedClassic(groupId: string, timestamp: number): ClassicGroup {
    return this.classic(groupId) ?? this.#put(new ClassicGroup(groupId, timestamp));
  }

  /**
   * An offset was committed: a consumer that never joined has a group all the same, simple, without a
   * protocol.
   */
  committed(groupId: string, timestamp: number): void {
    if (!this.#byId.has(groupId)) this.replayedClassic(groupId, timestamp);
  }

  delete(groupId: string): void {
    this.#byId.delete(groupId);
  }

  #put<Kind extends AnyGroup>(group: Kind): Kind {
    this.#byId.set(group.groupId, group);
    return group;
  }
}
