import { holdAnything } from './hold-anything.ts';
import { movePartitions } from './move-partitions.ts';
import type { StepRun } from './step-run.ts';

/**
 * Takes brokers away for good. A topic that was made while they were leaving brings them back until it has
 * gone too.
 */
export async function removeBrokers(
  run: StepRun,
  { brokers: leaving }: { readonly brokers: readonly number[] },
): Promise<void> {
  const { world, engine, access, signal, cluster } = run;
  for (;;) {
    run.say(`stops the brokers ${leaving.join(', ')}`);
    await Promise.all(leaving.map((broker) => engine.stopBroker(cluster, broker)));
    if (!(await holdAnything(access, leaving))) break;
    world.log.info('Partitions came to brokers that leave; they are moved first', { leaving });
    await engine.start(cluster, signal);
    await movePartitions(run, { leaving });
  }
  signal.throwIfAborted();
  for (const broker of leaving) {
    await access.unregister(broker);
    await engine.removeBroker(cluster, broker);
  }
}
