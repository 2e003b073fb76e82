import type { Clock } from '../../base/clock.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import { withTasks } from '../state/capacity.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector, ConnectorSetting } from '../state/connector.ts';
import {
  type ConnectorOperation,
  type ConnectorStep,
  type StepType,
  stateOf,
} from '../state/connector-operation.ts';
import type { ConnectorPort } from '../worker/connector-port.ts';
import type { ConnectorHealth } from './connector-health.ts';

/** A changed connector must run for so long without a break before the change counts as done. */
const HEALTHY_MS = 5_000;
/** A connector that makes no tasks at all runs without any, once it had the time to make some. */
const TASKLESS_MS = 10_000;
/** An operation that is not done by then has failed. */
const LIMIT_MS = 180_000;

/** What was found of the connector and its workers now. */
export interface Found {
  /** Null while no worker serves. */
  readonly rest: ConnectorPort | null;
  readonly found: ConnectorHealth;
  /** Every worker serves. */
  readonly isWhole: boolean;
  /** The workers end again and again. */
  readonly isHopeless: boolean;
}

/** Takes the operation of one connector a step further, each time that it is looked at. */
export class OperationProgress {
  readonly #clock: Clock;
  readonly #store: ConnectStore;
  readonly #values: SealedValues;
  /** The operation and its phase that these times are of. */
  #of: string | null = null;
  #since = 0;
  #healthySince: number | null = null;
  #isSent = false;
  #isStopping = false;

  constructor(clock: Clock, of: { readonly store: ConnectStore; readonly values: SealedValues }) {
    this.#clock = clock;
    this.#store = of.store;
    this.#values = of.values;
  }

  async step(connector: Connector, now: Found): Promise<void> {
    const operation = this.#store.state.operation(connector.operationArn ?? '');
    if (isApiError(operation)) return;
    this.#enter(`${operation.arn} ${operation.state} ${currentStep(operation) ?? ''}`);
    switch (operation.type) {
      case 'PAUSE_CONNECTOR':
        return this.#toggle(connector, operation, now, 'paused', (rest) => rest.pause(connector.name));
      case 'RESUME_CONNECTOR':
        return this.#toggle(connector, operation, now, 'running', (rest) => rest.resume(connector.name));
      case 'RESTART_CONNECTOR':
        if (!operation.onlyFailedTasks) return this.#restart(connector, operation, now);
        // What failed says FAILED until it was started again.
        return this.#toggle(connector, operation, now, 'running', (rest) =>
          rest.restart(connector.name, true),
        );
      default:
        return this.#update(connector, operation, now);
    }
  }

  /** Says it once, and waits for what shall come of it. */
  async #toggle(
    connector: Connector,
    operation: ConnectorOperation,
    { rest, found }: Found,
    wanted: ConnectorHealth['health'],
    send: (rest: ConnectorPort) => Promise<void>,
  ): Promise<void> {
    if (rest && !this.#isSent) {
      await send(rest);
      this.#isSent = true;
      return;
    }
    if (this.#isSent && found.health === wanted)
      return this.#end(connector, operation, wanted === 'paused' ? 'PAUSED' : 'RUNNING', null);
    const isBroken =
      this.#isSent && wanted === 'running' && found.health === 'failed' && this.#waited() > HEALTHY_MS;
    if (isBroken || this.#waited() > LIMIT_MS) this.#end(connector, operation, null, found.why);
  }

  /**
   * Kafka Connect answers a restart at once and does it later, and no status says of which start it is: so
   * all tasks are ended first, and what runs after that was started again.
   */
  async #restart(connector: Connector, operation: ConnectorOperation, { rest, found }: Found): Promise<void> {
    if (rest && !this.#isSent) {
      if (found.isStopped) {
        await rest.resume(connector.name);
        this.#isSent = true;
        return;
      }
      if (!this.#isStopping) await rest.stop(connector.name);
      this.#isStopping = true;
    }
    const hasTasks = found.taskCount > 0 || this.#waited() > TASKLESS_MS;
    if (this.#isSent && found.health === 'running' && hasTasks)
      return this.#end(connector, operation, 'RUNNING', null);
    const isBroken = this.#isSent && found.health === 'failed';
    if (!isBroken && this.#waited() <= LIMIT_MS) return;
    // Nothing else would start what was ended.
    if (rest && !this.#isSent) await rest.resume(connector.name);
    this.#end(connector, operation, null, found.why);
  }

  async #update(connector: Connector, operation: ConnectorOperation, now: Found): Promise<void> {
    const { target, origin } = operation;
    if (!target || !origin) return;
    if (operation.state === 'ROLLBACK_IN_PROGRESS') return this.#rollBack(connector, operation, origin, now);
    switch (currentStep(operation)) {
      case 'INITIALIZE_UPDATE':
        return this.#done(connector, operation, 'INITIALIZE_UPDATE');
      case 'VALIDATE_UPDATE': {
        if (operation.type !== 'UPDATE_CONNECTOR_CONFIGURATION')
          return this.#done(connector, operation, 'VALIDATE_UPDATE', target);
        if (!now.rest) return this.#failLate(connector, operation, now.found.why);
        const { errors, types } = await now.rest.validate(connector.name, target.configuration);
        const configuration = this.#values.told(connector.uuid, target.configuration, types);
        const told = { ...operation, target: { ...target, configuration } };
        // Nothing was changed yet, so there is nothing to take back.
        if (errors.length > 0) {
          const why = this.#values.without(connector.uuid, errors.join('; '));
          return this.#end(connector, told, stateNow(operation, now), why);
        }
        return this.#done(connector, told, 'VALIDATE_UPDATE', told.target);
      }
      case 'UPDATE_WORKER_SETTING':
      case 'UPDATE_CONNECTOR_CONFIGURATION':
        return this.#apply(connector, operation, target, now);
      default:
        return this.#end(connector, operation, stateNow(operation, now), null);
    }
  }

  async #apply(
    connector: Connector,
    operation: ConnectorOperation,
    target: ConnectorSetting,
    now: Found,
  ): Promise<void> {
    const { rest, found, isWhole, isHopeless } = now;
    if (rest && !this.#isSent) {
      if (operation.type === 'UPDATE_CONNECTOR_CONFIGURATION')
        this.#isSent = await this.#send(connector.name, operation, target, rest, found);
      else this.#isSent = true;
      if (this.#isSent || this.#waited() <= LIMIT_MS) return;
    }
    if (this.#isSent && operation.skipHealthValidation)
      return this.#done(connector, operation, operation.type as StepType);
    const hasTasks = found.taskCount > 0 || this.#waited() > TASKLESS_MS;
    if (this.#isSent && isWhole && found.health === 'running' && hasTasks) {
      this.#healthySince ??= this.#clock.monotonic();
      if (this.#clock.monotonic() - this.#healthySince >= HEALTHY_MS)
        this.#done(connector, operation, operation.type as StepType);
      return;
    }
    this.#healthySince = null;
    // What failed before the change is heard may be what the change is to mend.
    const isBroken = this.#isSent && found.health === 'failed' && this.#waited() > HEALTHY_MS;
    if (isBroken || isHopeless || this.#waited() > LIMIT_MS) {
      const failed = { ...operation, steps: withStep(operation.steps, operation.type as StepType, 'FAILED') };
      this.#record(
        connector,
        { ...operation.origin },
        { ...failed, state: 'ROLLBACK_IN_PROGRESS', error: { code: 'UPDATE_FAILED', message: found.why } },
      );
    }
  }

  /**
   * Gives the connector its new configuration, once its tasks have ended: what is said of a task from then on
   * is said of one that was started with it. Where nobody watches they go on until it comes. False while it
   * is not given yet.
   */
  async #send(
    name: string,
    { skipHealthValidation }: ConnectorOperation,
    { configuration, capacity }: ConnectorSetting,
    rest: ConnectorPort,
    found: ConnectorHealth,
  ): Promise<boolean> {
    if (!skipHealthValidation && !found.isStopped) {
      if (!this.#isStopping) await rest.stop(name);
      this.#isStopping = true;
      return false;
    }
    await rest.setConfig(name, withTasks(configuration, capacity));
    if (!skipHealthValidation) await rest.resume(name);
    return true;
  }

  /** The old settings are in the record again; here they come to run. */
  async #rollBack(
    connector: Connector,
    operation: ConnectorOperation,
    origin: ConnectorSetting,
    { rest, found, isWhole }: Found,
  ): Promise<void> {
    if (rest && !this.#isSent) {
      await rest.setConfig(connector.name, withTasks(origin.configuration, origin.capacity));
      // It may have been stopped for the change.
      await rest.resume(connector.name);
      await rest.restart(connector.name, true);
      this.#isSent = true;
      return;
    }
    const isBack = this.#isSent && isWhole && found.health === 'running';
    if (isBack) return this.#end(connector, operation, 'RUNNING', operation.error?.message ?? found.why);
    if (this.#waited() > LIMIT_MS)
      this.#end(
        connector,
        operation,
        null,
        `${operation.error?.message}\nThe settings of before do not run either: ${found.why}`,
      );
  }

  #failLate(connector: Connector, operation: ConnectorOperation, why: string): void {
    if (this.#waited() > LIMIT_MS) this.#end(connector, operation, null, why);
  }

  /** Another step is over; `setting` is what the connector's record has from then on. */
  #done(
    connector: Connector,
    operation: ConnectorOperation,
    step: StepType,
    setting?: ConnectorSetting,
  ): void {
    this.#record(
      connector,
      { ...setting },
      { ...operation, steps: withStep(operation.steps, step, 'COMPLETED') },
    );
  }

  /** `error`: null when it succeeded. A state of null is what the tasks' failure makes of the connector. */
  #end(
    connector: Connector,
    operation: ConnectorOperation,
    state: 'RUNNING' | 'PAUSED' | null,
    error: string | null,
  ): void {
    const code = stateOf(operation.type, 'FAILED');
    const steps = operation.steps.map((step): ConnectorStep => {
      if (step.state === 'COMPLETED' || step.state === 'FAILED') return step;
      if (error === null) return { ...step, state: 'COMPLETED' };
      return { ...step, state: step.state === 'IN_PROGRESS' ? 'FAILED' : 'CANCELLED' };
    });
    this.#record(
      connector,
      {
        state: state ?? 'FAILED',
        stateInfo: error === null ? null : { code, message: error },
        operationArn: null,
      },
      {
        ...operation,
        steps,
        state: stateOf(operation.type, error === null ? 'COMPLETE' : 'FAILED'),
        endedAt: this.#clock.now(),
        error: error === null ? null : { code, message: error },
      },
    );
  }

  #record(seen: Connector, change: Partial<Connector>, operation: ConnectorOperation): void {
    this.#store.execute((state) => {
      const there = state.connectors.get(seen.arn);
      // A deletion that was asked for meanwhile wins.
      if (isApiError(there) || there.revision !== seen.revision) return { records: [], answer: null };
      return {
        records: [
          { type: 'ConnectorOperationRecord', operation },
          { type: 'ConnectorRecord', connector: { ...there, ...change } },
        ],
        answer: null,
      };
    });
  }

  #enter(phase: string): void {
    if (this.#of === phase) return;
    this.#of = phase;
    this.#since = this.#clock.monotonic();
    this.#healthySince = null;
    this.#isSent = false;
    this.#isStopping = false;
  }

  #waited(): number {
    return this.#clock.monotonic() - this.#since;
  }
}

/**
 * An update that is not watched may be of a paused connector, or of one that was stopped in Kafka Connect,
 * which stays so.
 */
function stateNow({ skipHealthValidation }: ConnectorOperation, { found }: Found): 'RUNNING' | 'PAUSED' {
  const isStopped = skipHealthValidation && found.isStopped !== undefined;
  return found.health === 'paused' || isStopped ? 'PAUSED' : 'RUNNING';
}

function currentStep({ steps }: ConnectorOperation): StepType | null {
  return steps.find(({ state }) => state === 'PENDING' || state === 'IN_PROGRESS')?.type ?? null;
}

/** The step as it is now; the one behind a completed step is under way. */
function withStep(
  steps: readonly ConnectorStep[],
  type: StepType,
  state: 'COMPLETED' | 'FAILED',
): ConnectorStep[] {
  const at = steps.findIndex((step) => step.type === type);
  return steps.map((step, index) => {
    if (index === at) return { ...step, state };
    return index === at + 1 && state === 'COMPLETED' ? { ...step, state: 'IN_PROGRESS' } : step;
  });
}
