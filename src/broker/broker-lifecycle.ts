import { Backoff } from '../base/backoff.ts';
import type { BrokerId, Offset, Uuid } from '../base/brand.ts';
import { sleep, type Timer } from '../base/clock.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { Endpoint } from '../metadata/endpoint.ts';
import { errorName } from '../protocol/errors.ts';
import { brokerRegistration } from '../protocol/messages/62-broker-registration.ts';
import { brokerHeartbeat } from '../protocol/messages/63-broker-heartbeat.ts';
import type { ControllerChannel } from './peers/controller-channel.ts';

/** Between heartbeats while something is waited for. */
const EAGER_HEARTBEAT_MS = 10;
/**
 * As Kafka's brokers: an answer may be late, and when it does not come half of the session is left for
 * another way.
 */
const HEARTBEAT_TIMEOUT_SHARE = 1 / 2;
/** initial.broker.registration.timeout.ms */
const REGISTRATION_TIMEOUT_MS = 60_000;
/**
 * Between attempts to register: short at first, because the controller knows soon that the last life is over.
 */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 400;

export interface BrokerIdentity {
  readonly brokerId: BrokerId;
  readonly clusterId: string;
  readonly incarnationId: Uuid;
  readonly rack: string | null;
  readonly endpoints: readonly Endpoint[];
  readonly features: readonly {
    readonly name: string;
    readonly minSupportedVersion: number;
    readonly maxSupportedVersion: number;
  }[];
  readonly logDirs: readonly Uuid[];
  /** From the clean shutdown before, or -1: by it the controller knows that nothing was lost (KIP-966). */
  readonly previousBrokerEpoch: number;
}

type State = 'starting' | 'running' | 'stopping' | 'stopped';

/**
 * The broker's life as its controller sees it: registered, then unfenced once it has read the metadata log as
 * far as its own registration, then told to be alive regularly, at last let go after a controlled shutdown
 * (KIP-631).
 */
export class BrokerLifecycle {
  readonly #world: World;
  readonly #controller: ControllerChannel;
  readonly #identity: BrokerIdentity;
  /** How far this broker has read the metadata log. */
  readonly #metadataOffset: () => Offset;
  readonly #heartbeatMs: () => number;
  readonly #sessionMs: () => number;
  readonly #onEpoch: (epoch: number) => void;
  #state: State = 'starting';
  #epoch = -1;
  #timer: Timer | undefined;
  #isFenced = true;
  #isSending = false;
  #isHurried = false;
  /** Whether the last heartbeat had no answer. */
  #isUnheard = false;
  #unfenced: (() => void) | undefined;
  #letGo: (() => void) | undefined;

  constructor(
    world: World,
    options: {
      /**
       * Its own, so that nothing else delays a heartbeat: the end of this one's connection is the first sign
       * of death.
       */
      readonly controller: ControllerChannel;
      readonly identity: BrokerIdentity;
      readonly metadataOffset: () => Offset;
      readonly heartbeatMs: () => number;
      /** broker.session.timeout.ms: what the controller bears of silence. */
      readonly sessionMs: () => number;
      /** Told at each registration: who supervises this broker names the epoch when it dies. */
      readonly onEpoch?: (epoch: number) => void;
    },
  ) {
    this.#world = world;
    this.#controller = options.controller;
    this.#identity = options.identity;
    this.#metadataOffset = options.metadataOffset;
    this.#heartbeatMs = options.heartbeatMs;
    this.#sessionMs = options.sessionMs;
    this.#onEpoch = options.onEpoch ?? (() => {});
  }

  /** -1 before the registration. */
  get epoch(): number {
    return this.#epoch;
  }
  get isFenced(): boolean {
    return this.#isFenced;
  }

  /**
   * Registers; resolves with the broker epoch. Rejects when the controller refuses for good, or stays away.
   */
  async register(): Promise<number> {
    const deadline = this.#world.clock.monotonic() + REGISTRATION_TIMEOUT_MS;
    const { brokerId, clusterId, incarnationId, rack, endpoints, features, logDirs } = this.#identity;
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
    for (;;) {
      const answer = await this.#controller.send(
        brokerRegistration,
        {
          brokerId,
          clusterId,
          incarnationId,
          rack,
          listeners: endpoints.map((endpoint) => ({ ...endpoint })),
          features: features.map((feature) => ({ ...feature })),
          logDirs: [...logDirs],
          previousBrokerEpoch: this.#identity.previousBrokerEpoch,
        },
        { timeoutMs: Math.max(1, deadline - this.#world.clock.monotonic()) },
      );
      if (answer.errorCode === 0) {
        this.#epoch = answer.brokerEpoch;
        this.#onEpoch(answer.brokerEpoch);
        return answer.brokerEpoch;
      }
      const error = errorName(answer.errorCode);
      // The broker's last life is not over for the controller until its session ends, or it is starting
      // itself.
      const retriable = error === 'DUPLICATE_BROKER_REGISTRATION' || error === 'NOT_CONTROLLER';
      if (!retriable || this.#world.clock.monotonic() >= deadline)
        throw new Error(`the controller refused to register broker ${brokerId}: ${error}`);
      await sleep(this.#world.clock, backoff.failed());
    }
  }

  /** Begins to send heartbeats; resolves once the controller has unfenced the broker. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#unfenced = resolve;
      this.#beat();
    });
  }

  /**
   * Controlled shutdown: asks the controller to move all leaderships away; resolves when it has, or after the
   * time. Heartbeats end with it.
   */
  async shutDown(timeoutMs: number): Promise<void> {
    if (this.#state === 'stopped') return;
    if (this.#epoch !== -1 && this.#state !== 'starting') {
      this.#state = 'stopping';
      this.#timer?.cancel();
      await new Promise<void>((resolve) => {
        const timer = this.#world.clock.after(timeoutMs, resolve);
        this.#letGo = () => {
          timer.cancel();
          resolve();
        };
        this.#beat();
      });
    }
    this.stop();
  }

  /**
   * Sends the next heartbeat at once: after a broken connection the controller asks itself who lives, and it
   * lets nobody shut down before the others have read who leads in its place.
   */
  hurry(): void {
    if (this.#state !== 'running') return;
    this.#isHurried = true;
    // The one under way tells what was true before.
    if (!this.#isSending) this.#next(0);
  }

  /** Ends the heartbeats without a controlled shutdown. */
  stop(): void {
    this.#state = 'stopped';
    this.#timer?.cancel();
    this.#letGo?.();
  }

  async #heartbeat(): Promise<void> {
    this.#isSending = true;
    this.#isHurried = false;
    const toldOffset = this.#metadataOffset();
    const wantShutDown = this.#state === 'stopping';
    try {
      const answer = await this.#controller.send(
        brokerHeartbeat,
        {
          brokerId: this.#identity.brokerId,
          brokerEpoch: this.#epoch,
          currentMetadataOffset: toldOffset,
          wantFence: false,
          wantShutDown,
        },
        { timeoutMs: this.#sessionMs() * HEARTBEAT_TIMEOUT_SHARE },
      );
      if (this.#isUnheard) this.#world.log.info('heartbeats are answered again');
      this.#isUnheard = false;
      await this.#answered(answer, wantShutDown);
    } catch (error) {
      this.#isSending = false;
      if (this.#state === 'stopped' || crashOnProgrammerError(this.#world, error)) return;
      if (!this.#isUnheard) this.#world.log.warn('a heartbeat failed', { error });
      this.#isUnheard = true;
    }
    this.#isSending = false;
    if (this.#state === 'stopped') return;
    const isWaiting = this.#state === 'starting' || this.#state === 'stopping';
    this.#next(this.#isHurried ? 0 : isWaiting ? EAGER_HEARTBEAT_MS : this.#heartbeatMs());
  }

  #beat(): void {
    supervise(this.#world, this.#heartbeat());
  }

  #next(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#world.clock.after(delayMs, () => this.#beat());
  }

  async #answered(
    answer: { readonly errorCode: number; readonly isFenced: boolean; readonly shouldShutDown: boolean },
    askedToShutDown: boolean,
  ): Promise<void> {
    if (answer.errorCode !== 0) {
      const error = errorName(answer.errorCode);
      this.#world.log.warn('the controller refused a heartbeat', { error });
      // Another life of this broker id, or a controller that lost us, and then nobody may shut us down but
      // ourselves.
      if (error === 'STALE_BROKER_EPOCH' || error === 'BROKER_ID_NOT_REGISTERED') {
        if (askedToShutDown) this.#letGo?.();
        else if (this.#state === 'starting' || this.#state === 'running') await this.register();
      }
      return;
    }
    this.#isFenced = answer.isFenced;
    if (!answer.isFenced && this.#state === 'starting') {
      this.#state = 'running';
      this.#unfenced?.();
    }
    if (askedToShutDown && answer.shouldShutDown) this.#letGo?.();
  }
}
