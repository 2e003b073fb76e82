import { WakeUp } from '../../base/wake-up.ts';
import type { World } from '../../base/world.ts';
import { StoreError } from '../../control/state/store-error.ts';
import { ReleaseComing } from '../release/release-coming.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import { withTasks } from '../state/capacity.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from '../worker/built-in-connector.ts';
import type { ConnectorPort } from '../worker/connector-port.ts';
import type { GroupPlan, WorkerGroup } from '../worker/worker-group.ts';
import { RestError } from '../worker/worker-http.ts';
import { ConnectorEntry } from './connector-entry.ts';
import { type ConnectorHealth, connectorHealth } from './connector-health.ts';
import type { MeasuredConnector } from './connector-metrics.ts';
import { OldValues } from './old-values.ts';
import { OperationProgress } from './operation-progress.ts';
import { TaskRestarts } from './task-restarts.ts';
import { WorkerScaling } from './worker-scaling.ts';
import { WorkerWatch } from './worker-watch.ts';

/** How often it looks: while something is awaited, and once everything is as it should be. */
const BUSY_POLL_MS = 300;
const QUIET_POLL_MS = 2_000;
/** A connector that does not run by then has failed: workers serve within three minutes or never. */
const CREATION_MS = 300_000;
/**
 * A connector whose connector class makes no tasks at all runs without any, once it had the time to make
 * some.
 */
const TASKLESS_MS = 10_000;
/** Workers that died are back by then, or something is wrong. */
const PENDING_MS = 60_000;

/** What the runner is made of; `plan` rejects with an Error that says why there can be no workers now. */
export interface RunnerParts {
  readonly world: Pick<World, 'clock' | 'log'>;
  readonly store: ConnectStore;
  readonly group: WorkerGroup;
  readonly values: SealedValues;
  plan(connector: Connector): Promise<GroupPlan>;
  /**
   * Brings what its workers have said to where their logs go, while what must be hidden in it is known.
   * Resolves to whether all of it is there.
   */
  deliverLogs(connector: Connector): Promise<boolean>;
}

/**
 * Brings one connector to where the store wants it, and keeps it there. There is one loop: it looks at the
 * record and at the workers, takes one step, and waits. Everything it needs to know after a crash is in the
 * record and in the workers.
 */
export class ConnectorRunner {
  readonly #parts: RunnerParts;
  readonly #entry: ConnectorEntry;
  readonly #operations: OperationProgress;
  readonly #wakeUp: WakeUp;
  #isStopped = false;
  #ended: Promise<void> = Promise.resolve();
  /** Since when it is not what it should be. */
  #waitsSince: number | null = null;
  readonly #watch: WorkerWatch;
  readonly #restarts: TaskRestarts;
  readonly #scaling: WorkerScaling;
  readonly #oldValues: OldValues;

  constructor(parts: RunnerParts, arn: string) {
    this.#parts = parts;
    this.#wakeUp = new WakeUp(parts.world.clock);
    this.#entry = new ConnectorEntry(parts.store, arn);
    this.#watch = new WorkerWatch(parts.world.clock, parts.group);
    this.#restarts = new TaskRestarts(parts.world);
    this.#scaling = new WorkerScaling(parts.world, this.#watch.cpu);
    this.#oldValues = new OldValues(parts.world.clock, parts);
    this.#operations = new OperationProgress(parts.world.clock, parts);
  }

  start(): void {
    this.#ended = this.#converge();
  }

  /** The record or a worker changed. */
  wake(): void {
    this.#wakeUp.call();
  }

  /** No worker runs when this resolves; the record stays as it is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wakeUp.call();
    // A step that waits for the answer of a worker has it when the worker ends; what the step then begins is
    // ended after it.
    await this.#parts.group.stop();
    await this.#ended;
    await this.#parts.group.stop();
  }

  /** Resolves with null once the connector is deleted. */
  async measured(): Promise<MeasuredConnector | null> {
    const connector = this.#entry.read();
    return connector && this.#watch.measured(connector);
  }

  async #converge(): Promise<void> {
    const { world } = this.#parts;
    while (!this.#isStopped) {
      this.#wakeUp.answer();
      const connector = this.#entry.read();
      if (!connector) return;
      let isQuiet = false;
      try {
        isQuiet = await this.#step(connector);
      } catch (error) {
        // A disk that is full: the next look finds it better.
        if (!(error instanceof StoreError))
          world.log.error(`The connector ${connector.name} could not be looked after`, { error });
      }
      if (!this.#isStopped) await this.#wakeUp.wait(isQuiet ? QUIET_POLL_MS : BUSY_POLL_MS);
    }
  }

  /** Resolves with whether nothing is awaited. */
  async #step(connector: Connector): Promise<boolean> {
    try {
      return await this.#look(connector);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      // A worker that went away, or does not answer: the next look finds it better, or time runs out.
      const said = this.#parts.values.without(connector.uuid, error.message);
      const why = `its workers do not do what they are asked: ${said}`;
      return this.#judge(connector, { health: 'pending', why, taskCount: 0 }, null, false);
    }
  }

  async #look(connector: Connector): Promise<boolean> {
    const { group, values } = this.#parts;
    const { uuid } = connector;
    if (connector.state === 'DELETING') {
      await group.stop();
      await this.#parts.deliverLogs(connector);
      await group.remove();
      values.remove(uuid);
      this.#entry.remove();
      return true;
    }
    if (connector.state === 'FAILED' && !connector.hasRun) {
      await group.stop();
      return true;
    }
    let plan: GroupPlan;
    try {
      plan = await this.#parts.plan(connector);
    } catch (error) {
      if (error instanceof ReleaseComing && connector.state === 'CREATING') {
        // Its time to run begins when there is something that it can run in.
        this.#waitsSince = null;
        return false;
      }
      const why = error instanceof Error ? error.message : String(error);
      return this.#judge(connector, { health: 'pending', why, taskCount: 0 }, null, false);
    }
    await group.apply(plan);
    const { rest } = group;
    if (!rest) {
      const problem = group.problem;
      const said = problem
        ? (group.outOfMemory ?? group.lastError() ?? problem.message)
        : (group.lastDeath ?? 'no worker serves yet');
      const why = values.without(uuid, said);
      return this.#judge(connector, { health: 'pending', why, taskCount: 0 }, null, problem !== null);
    }
    if (!connector.knowsPasswords) return this.#ask(connector, rest);
    if (connector.operationArn === null) await this.#oldValues.forget(connector);
    const status = await rest.status(connector.name).catch((error: unknown) => {
      if (error instanceof RestError) return error;
      throw error;
    });
    if (status instanceof RestError)
      return this.#judge(
        connector,
        { health: 'pending', why: `its workers do not answer: ${status.message}`, taskCount: 0 },
        null,
        false,
      );
    if (rest instanceof BuiltInConnector) this.#entry.usesTopics(rest.activeTopics);
    // The workers do not know it: it is new, or its cluster was made anew.
    if (status === null && (await rest.config(connector.name)) === null)
      await rest.setConfig(
        connector.name,
        withTasks(connector.configuration, connector.capacity),
        connector.state === 'PAUSED' || connector.state === 'PAUSING',
      );
    const { why, ...found } = await this.#watch.health(
      connector,
      plan,
      status,
      connectorHealth(status, group.addresses),
    );
    if (found.health === 'running' && connector.state === 'RUNNING' && group.isWhole) {
      const capacity = await this.#scaling.look(connector, rest);
      if (capacity) this.#entry.change(connector, { capacity });
    }
    return this.#judge(connector, { ...found, why: values.without(uuid, why) }, rest, false);
  }

  /**
   * The connector itself says what is wrong with its configuration, and what of it are passwords; nothing
   * else is hidden from then on.
   */
  async #ask(connector: Connector, rest: ConnectorPort): Promise<boolean> {
    const { values } = this.#parts;
    const { uuid, name, hasRun } = connector;
    const { errors, types } = await rest.validate(name, connector.configuration);
    const configuration = values.told(uuid, connector.configuration, types);
    const known = { configuration, knowsPasswords: true };
    if (errors.length > 0 && !hasRun) {
      const why = values.without(uuid, errors.join('; '));
      this.#entry.fail(connector, 'INVALID_CONFIGURATION', why, types.size > 0 ? known : {});
      return true;
    }
    // An older release let it run with its passwords in clear.
    if (hasRun) await rest.setConfig(name, withTasks(configuration, connector.capacity));
    this.#entry.change(connector, known);
    return false;
  }

  /** `isHopeless`: the workers end again and again. */
  async #judge(
    connector: Connector,
    found: ConnectorHealth,
    rest: ConnectorPort | null,
    isHopeless: boolean,
  ): Promise<boolean> {
    if (connector.operationArn !== null) {
      this.#waitsSince = null;
      await this.#operations.step(connector, { rest, found, isWhole: this.#parts.group.isWhole, isHopeless });
      return false;
    }
    const now = this.#parts.world.clock.monotonic();
    const isRunning =
      found.health === 'running' &&
      (found.taskCount > 0 || connector.hasRun || now - (this.#waitsSince ?? now) > TASKLESS_MS);
    if (isRunning || (found.health === 'paused' && connector.state === 'PAUSED')) {
      this.#waitsSince = null;
      if (isRunning) this.#runs(connector);
      return true;
    }
    this.#waitsSince ??= now;
    const waitedMs = now - this.#waitsSince;
    if (connector.state === 'CREATING')
      return this.#failsCreation(connector, found, { isHopeless, waitedMs });
    if (connector.state === 'PAUSED') return true;
    const { outOfMemory } = this.#parts.group;
    if (found.health === 'failed') {
      this.#entry.note(connector, { code: 'CONNECTOR_FAILED', message: found.why });
      if (rest) await this.#restarts.failed(connector.name, rest);
    } else if (found.health === 'stalled')
      this.#entry.note(connector, { code: 'TASKS_STALLED', message: found.why });
    else if (outOfMemory !== null)
      this.#entry.note(connector, { code: 'OUT_OF_MEMORY', message: outOfMemory });
    else if (isHopeless || waitedMs > PENDING_MS)
      this.#entry.note(connector, { code: 'NOT_RUNNING', message: found.why });
    return false;
  }

  /** Whether its creation has failed; it is FAILED then. */
  #failsCreation(
    connector: Connector,
    { health, why }: ConnectorHealth,
    { isHopeless, waitedMs }: { readonly isHopeless: boolean; readonly waitedMs: number },
  ): boolean {
    if (health === 'failed') this.#entry.fail(connector, 'CONNECTOR_FAILED', why);
    else if (isHopeless) this.#entry.fail(connector, 'WORKER_FAILED', why);
    else if (waitedMs > CREATION_MS) {
      const message = `It did not run within ${CREATION_MS / 1000} s: ${why}.`;
      this.#entry.fail(connector, 'TIMED_OUT', message);
    } else return false;
    return true;
  }

  #runs(connector: Connector): void {
    this.#restarts.ran();
    const { group } = this.#parts;
    group.ran();
    const message = group.outOfMemory;
    const { stateInfo: known } = connector;
    const isTold = message === null ? known?.code !== 'OUT_OF_MEMORY' : known?.message === message;
    if (connector.state === 'RUNNING' && isTold) return;
    const stateInfo = message === null ? null : { code: 'OUT_OF_MEMORY', message };
    this.#entry.change(connector, { state: 'RUNNING', stateInfo, hasRun: true });
  }
}
