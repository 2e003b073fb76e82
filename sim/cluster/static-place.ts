import type { KafkaConnection } from '../../src/client/connection.ts';
import type { Asking, OneProcessPerInstance, Term } from '../checkers/one-process-per-instance.ts';
import type { Violations } from '../checkers/violations.ts';

/** After so many rounds in one generation the group has come to rest. */
const AT_REST = 4;
/** The number of restarts in a healed cluster of which one at least must keep the partitions. */
const RESTARTS_MAX = 5;

interface Assigned {
  readonly generation: number;
  readonly partitions: readonly number[];
}

/**
 * The place of one group.instance.id, which several processes may want. Once everything was healed, its
 * process restarts: a member that comes back within its session has what it had, in the same generation.
 */
export class StaticPlace {
  readonly instanceId: string;
  readonly #checker: OneProcessPerInstance;
  readonly #violations: Violations;
  readonly #termOf: (connection: KafkaConnection) => Term;
  readonly #isDraining: () => boolean;
  readonly #assignments = new Map<number, string>();
  /** What the process had when it restarted, in a healed cluster. */
  #before: Assigned | null = null;
  #restarts = 0;
  #isKept = false;

  constructor(
    instanceId: string,
    options: {
      readonly checker: OneProcessPerInstance;
      readonly violations: Violations;
      /** The term of the coordinator at the other end. */
      readonly termOf: (connection: KafkaConnection) => Term;
      readonly isDraining: () => boolean;
    },
  ) {
    this.instanceId = instanceId;
    this.#checker = options.checker;
    this.#violations = options.violations;
    this.#termOf = options.termOf;
    this.#isDraining = options.isDraining;
  }

  /** Whether its process restarted after everything was healed, and had what it had before. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether its process ended in order to come back. */
  get isRestarting(): boolean {
    return this.#before !== null;
  }

  /** Called before the place is asked for. `as`: the id, where the process chooses it, and whom it asks. */
  asks(as?: { readonly memberId: string; readonly connection: KafkaConnection }): Asking {
    return this.#checker.asks(
      this.instanceId,
      as && { member: as.memberId, term: this.#termOf(as.connection) },
    );
  }

  took(asking: Asking, memberId: string): void {
    this.#checker.took(asking, memberId);
  }

  givenUnreleased(asking: Asking, memberId: string, connection: KafkaConnection): void {
    this.#checker.givenUnreleased(asking, memberId, this.#termOf(connection));
  }

  /** Called before a heartbeat is sent, at `sentAt` milliseconds; the result is called when it is answered. */
  heartbeat(memberId: string, connection: KafkaConnection, sentAt: number): () => void {
    const term = this.#termOf(connection);
    return () => this.#checker.heard(memberId, { sentAt, term });
  }

  releases(memberId: string): void {
    this.#checker.releases(memberId);
  }

  /** Called before a commit is sent; the result is called when it was taken. */
  commit(memberId: string, connection: KafkaConnection): () => void {
    const lost = this.#checker.hasLost(memberId);
    return () => this.#checker.committed(this.instanceId, memberId, { lost, term: this.#termOf(connection) });
  }

  /** In one generation of the classic protocol an instance has one assignment, whoever asks for it. */
  assigned(generation: number, partitions: readonly number[]): void {
    const text = partitions.toSorted((a, b) => a - b).join();
    const known = this.#assignments.get(generation) ?? text;
    if (known !== text) this.#complain(`was assigned [${known}] and [${text}] in generation ${generation}`);
    this.#assignments.set(generation, known);
  }

  /** Whether its process shall end now and come back. `rounds`: since the generation began. */
  restarts(rounds: number, assigned: Assigned): boolean {
    if (!this.#isDraining() || this.#isKept || rounds < AT_REST) return false;
    this.#before = assigned;
    this.#restarts++;
    return true;
  }

  /** The process that restarted is a member again. */
  cameBack({ generation, partitions }: Assigned): void {
    const before = this.#before;
    if (!before) return;
    this.#before = null;
    this.#isKept =
      generation === before.generation &&
      partitions.toSorted().join() === before.partitions.toSorted().join();
    if (!this.#isKept && this.#restarts >= RESTARTS_MAX)
      this.#complain(
        `lost its place in each of ${RESTARTS_MAX} restarts: [${before.partitions}] in generation ${before.generation} became [${partitions}] in generation ${generation}`,
      );
  }

  #complain(what: string): void {
    this.#violations.add('StaticMembersKeepTheirPlace', `${this.instanceId} ${what}`);
  }
}
