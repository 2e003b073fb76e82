import type { Timer } from '../base/clock.ts';
import { supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { type EncodableMetadataRecord, encodeMetadataRecord } from '../metadata/records.ts';
import { snapshotRecords } from '../metadata/snapshot.ts';
import type { RaftLeader } from '../raft/leader.ts';
import { Observers } from '../raft/observers.ts';
import { BrokerWatch } from './broker-watch.ts';
import { fenceBroker } from './brokers-control.ts';
import type { ConfigRules } from './config-rules.ts';
import { type CommandContext, NOT_CONTROLLER } from './context.ts';
import { controllerConfig } from './controller-config.ts';
import { ControllerState } from './controller-state.ts';
import type { ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { balanceLeaders, electUncleanLeaders } from './elections-control.ts';
import { Heartbeats } from './heartbeats.ts';

/**
 * How long an answer waits for brokers to learn of what it tells. They take milliseconds, and a second on a
 * busy machine; one that stands still must not hold everybody up until its session is over.
 */
const KNOWN_MS = 3_000;

/**
 * One time in which this controller leads, from the epoch that its log began with until that log fails or the
 * controller stops. A command decides on the latest state; its records are appended as one batch and replayed
 * at once; its answer leaves when they are committed.
 */
export class Leadership {
  readonly leader: RaftLeader;
  readonly state: ControllerState;
  readonly heartbeats: Heartbeats;
  readonly observers: Observers;
  readonly watch: BrokerWatch;
  readonly #world: World;
  readonly #rules: ConfigRules;
  readonly #timers = new Set<Timer>();
  #isOver = false;

  /** `image` is what the log of `leader` holds; `ownHost` is where this controller listens. */
  constructor(
    world: World,
    options: {
      readonly leader: RaftLeader;
      readonly image: ClusterImage;
      readonly rules: ConfigRules;
      readonly ownHost: string;
    },
  ) {
    const { leader, image, rules, ownHost } = options;
    this.#world = world;
    this.#rules = rules;
    this.leader = leader;
    this.state = new ControllerState(image);
    this.heartbeats = new Heartbeats(world.clock, controllerConfig(rules, image.configs).brokerSessionMs);
    this.observers = new Observers(world.clock);
    this.watch = new BrokerWatch(world, {
      heartbeats: this.heartbeats,
      latest: () => this.state.latest,
      ownHost,
      isActive: () => !this.#isOver,
      fence: async (life) => {
        const answer = await this.command((cluster) => fenceBroker(cluster, life));
        return answer !== NOT_CONTROLLER && answer.fenced;
      },
    });
    // Nobody was heard of yet, so everybody gets a whole session.
    for (const { id, epoch } of image.brokers.alive()) this.heartbeats.awaited(id, epoch);
  }

  /** Begins to look at brokers' sessions, and at who leads partitions. */
  begin(): void {
    this.watch.begin();
    this.#repeat(this.watch.checkMs, () => this.watch.checkSessions());
    this.#watchLeaders();
  }

  /** Nothing more is decided or committed here; whoever waits for a command is answered NOT_CONTROLLER. */
  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.state.lose();
  }

  /** Decides now; resolves with the answer when everything it rests on is committed. */
  command<Answer>(
    decide: (state: DecisionState, context: CommandContext) => ControllerDecision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER> {
    if (this.#isOver) return Promise.resolve(NOT_CONTROLLER);
    const { leader, state, heartbeats } = this;
    const decision = decide(
      { image: state.latest, rules: this.#rules },
      { nextOffset: leader.endOffset, heartbeats },
    );
    if (decision.records.length > 0 && !this.#append(decision)) return Promise.resolve(NOT_CONTROLLER);
    // Without records too: the answer may tell of what is not committed yet.
    return new Promise((resolve) => {
      state.whenCommitted({
        committed: () => resolve(decision.answer),
        lost: () => resolve(NOT_CONTROLLER),
      });
    });
  }

  /** As `command`; resolves when every live broker has fetched what is committed then, or after KNOWN_MS. */
  async change<Answer>(
    decide: (state: DecisionState, context: CommandContext) => ControllerDecision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER> {
    const answer = await this.command(decide);
    if (this.#isOver) return answer;
    const { brokers, provenance } = this.state.committed;
    const alive = brokers.alive().map(({ id }) => id);
    await this.observers.reached(provenance.offset + 1, alive, KNOWN_MS);
    return answer;
  }

  /** Writes a snapshot of what is committed, in the background, when the log has grown enough. */
  snapshotIfDue(): void {
    const { leader } = this;
    const { provenance } = this.state.committed;
    if (!leader.snapshotIsDue || provenance.offset < 0) return;
    const snapshot = leader.snapshot({
      endOffset: provenance.offset + 1,
      epoch: provenance.epoch,
      timestamp: provenance.timestamp,
      values: encoded(this.state.committed),
    });
    this.#inBackground(snapshot);
  }

  /** False when the append failed; this controller then leads no more. */
  #append({ records }: ControllerDecision<unknown>): boolean {
    const { leader, state } = this;
    const values = records.map((record) => encodeMetadataRecord(record));
    if (leader.failure) return false;
    try {
      const endOffset = leader.append(values);
      state.replay(records, { endOffset, epoch: leader.epoch, timestamp: this.#world.clock.now() });
      // Who allows unclean elections wants the partitions back that have no leader now.
      if (records.some(isUncleanElectionConfig))
        this.#world.clock.soon(() => this.#inBackground(this.#electUncleanLeaders()));
      return true;
    } catch (error) {
      if (error !== leader.failure) throw error;
      return false;
    }
  }

  #watchLeaders(): void {
    const config = () => controllerConfig(this.#rules, this.state.latest.configs);
    const { imbalanceCheckMs, uncleanElectionMs } = config();
    this.#repeat(imbalanceCheckMs, () => {
      if (config().balancesLeaders) this.#inBackground(this.command((state) => balanceLeaders(state)));
    });
    // Again and again for what one round left, and for a controller that died between the two.
    this.#repeat(uncleanElectionMs, () => {
      this.#inBackground(this.#electUncleanLeaders());
    });
  }

  async #electUncleanLeaders(): Promise<void> {
    const elected = await this.command((state) => electUncleanLeaders(state));
    if (elected !== NOT_CONTROLLER && elected > 0)
      this.#world.log.warn('elected leaders that were not in sync', { partitions: elected });
  }

  #inBackground(work: Promise<unknown>): void {
    supervise(this.#world, work);
  }

  #repeat(everyMs: number, run: () => void): void {
    if (this.#isOver) return;
    const timer = this.#world.clock.after(everyMs, () => {
      this.#timers.delete(timer);
      run();
      this.#repeat(everyMs, run);
    });
    this.#timers.add(timer);
  }
}

function isUncleanElectionConfig(record: EncodableMetadataRecord): boolean {
  return record.type === 'ConfigRecord' && record.name === 'unclean.leader.election.enable';
}

function* encoded(image: ClusterImage): IterableIterator<Buffer> {
  for (const record of snapshotRecords(image)) yield encodeMetadataRecord(record);
}
