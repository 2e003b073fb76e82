import { readFileSync } from 'node:fs';
import { readJavaProperties } from '../../base/java-properties.ts';
import type { World } from '../../base/world.ts';
import { ConnectorOffsets } from './connector-offsets.ts';
import { makeLoop } from './make-loop.ts';
import { Worker } from './worker.ts';
import { WorkerDoor } from './worker-door.ts';
import { resolved } from './worker-settings.ts';

/** A stop that takes longer is ended: what was not committed is read again. */
const STOP_MS = 15_000;

/**
 * The life of one worker process of built-in connectors, from its properties file (as Kafka Connect's workers
 * have it) to a signal. `millrace.worker.port` and `millrace.worker.authorization` say where it answers, and
 * to whom. Rejects where it cannot listen.
 */
export async function runWorker(propertiesFile: string, world: World): Promise<void> {
  const properties = readJavaProperties(readFileSync(propertiesFile, 'utf8'));
  if ('reason' in properties) throw new Error(`${propertiesFile} cannot be read: ${properties.reason}`);
  const own = Object.fromEntries(properties);
  const read = (path: string): string => readFileSync(path, 'utf8');
  const worker = new Worker(world, async (name, { id, texts }, tasks, activeTopics) =>
    makeLoop(world, {
      ...{ name, id, tasks, activeTopics },
      ...{ texts: resolved(texts, read), worker: resolved(own, read) },
    }),
  );
  const offsets = new ConnectorOffsets(world, () => resolved(own, read));
  const door = new WorkerDoor(worker, offsets, own['millrace.worker.authorization'] ?? '');
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    world.clock.after(STOP_MS, () => process.exit(1));
    door.close();
    worker.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        world.log.error('the worker could not stop cleanly', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await door.listen(Number(own['millrace.worker.port']));
  world.log.info('the worker serves', { port: Number(own['millrace.worker.port']), pid: process.pid });
}
