import type { ClusterAccess } from '../../access/cluster-access.ts';
import { EngineError } from '../../engine.ts';
import { STALLED_MS } from '../../health/patience.ts';
import { type Cluster, type PlaceChange, withBroker } from '../../state/cluster.ts';
import { brokerChanged } from '../../state/operation-progress.ts';
import { AGAIN, isCancelled, OperationError } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/** What a broker is restarted with. */
export interface BrokerChange<Settings extends PlaceChange> {
  readonly settings: Settings;
  /**
   * The same settings as the cluster has them: the broker gets them back when it may not serve with the new
   * ones.
   */
  readonly ofCluster: (cluster: Cluster) => Settings;
  /** The settings in words that follow "given". */
  readonly describe: (settings: Settings) => string;
}

/**
 * Restarts one broker when it can be spared; done when it and all others are in sync again. `change` is null
 * for a restart as it is.
 */
export async function restartBroker<Settings extends PlaceChange>(
  run: StepRun,
  broker: number,
  change: BrokerChange<Settings> | null,
): Promise<void> {
  const { access, signal } = run;
  const patience = run.patience();
  const changed = change === null ? 'restarted' : `given ${change.describe(change.settings)}`;
  const cancellable = run.cancellable();
  try {
    await run.inSync(`Broker ${broker} was not ${changed}`, cancellable);
    run.say(`restarts broker ${broker}`);
    if (change === null) await run.engine.restartBroker(run.cluster, broker, { anew: true }, cancellable);
    else await restartWith(run, broker, change.settings, cancellable);
    patience.renew();
    await run.inSync(`Broker ${broker} was ${changed}`, cancellable);
    await electPreferred(access);
  } catch (error) {
    if (signal.aborted || error instanceof OperationError) {
      if (!signal.aborted && isCancelled(error) && change !== null) await giveBack(run, broker, change);
      throw error;
    }
    if (!patience.isOver) throw error;
    const code = error instanceof EngineError ? error.code : 'CLUSTER_UNREACHABLE';
    const message = error instanceof Error ? error.message : String(error);
    const back =
      error instanceof EngineError && change !== null ? await giveBack(run, broker, change) : AGAIN;
    throw new OperationError(
      code,
      `Broker ${broker} was not ${changed} within ${STALLED_MS / 1000} s: ${message}. ${back}`,
    );
  }
}

async function restartWith(
  run: StepRun,
  broker: number,
  settings: PlaceChange,
  signal: AbortSignal,
): Promise<void> {
  const save = () => run.store.execute((clusters) => brokerChanged(clusters, run.arn, { broker, settings }));
  try {
    const wanted = withBroker(run.cluster, broker, settings);
    await run.engine.restartBroker(wanted, broker, { anew: false }, signal);
  } catch (error) {
    // It was stopped for the change, and what starts in its place, sooner or later, has the new settings.
    if (error instanceof EngineError || isCancelled(error)) save();
    throw error;
  }
  save();
}

/**
 * A broker that may not serve with its new settings gets back those that the cluster has; a sentence about
 * it.
 */
async function giveBack<Settings extends PlaceChange>(
  run: StepRun,
  broker: number,
  { ofCluster, describe }: BrokerChange<Settings>,
): Promise<string> {
  const before = ofCluster(run.cluster);
  run.say(`gives broker ${broker} ${describe(before)} again`);
  try {
    await restartWith(run, broker, before, run.signal);
  } catch (error) {
    // It has them from its next start on; why it does not start is told as the cluster's health.
    if (!(error instanceof EngineError)) throw error;
  }
  return `It has ${describe(before)} again.`;
}

/**
 * The broker that came back leads again what it led before, and not only when Kafka's own interval is over.
 */
async function electPreferred(access: ClusterAccess): Promise<void> {
  const partitions = await access.describePartitions(null);
  const led = partitions.filter(({ replicas, leader }) => replicas[0] !== leader);
  // What is refused is led by somebody else, and the cluster tries again by itself.
  if (led.length > 0) await access.electPreferred(led);
}
