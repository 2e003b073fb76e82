import { nodeWorld } from '../platform/node-world.ts';
import { callerOf } from './forgotten.ts';
import { keepingAlive } from './keep-alive.ts';
import type { ApiOptions, StartClusterOptions } from './options.ts';
import { RunningCluster } from './running-cluster.ts';
import { readOptions } from './settings.ts';
import type { StartedCluster } from './started-cluster.ts';
import { removeLeftFolders } from './temporary-folder.ts';

/**
 * Starts a cluster in this process: for tests of applications. By default it is one broker on a free port of
 * the loopback interface, with its data in a temporary folder, and topics are made when a client asks for
 * them. Resolves when it serves; rejects with one sentence when an option is wrong, or the folder or a port
 * is in use.
 *
 *     await using cluster = await startCluster({ topics: ['orders'] });
 *     const kafka = new Kafka({ brokers: [...cluster.brokers] });
 */
export function startCluster(
  options: StartClusterOptions & { readonly api: true | ApiOptions },
): Promise<StartedCluster & { readonly api: string }>;
export function startCluster(options?: StartClusterOptions): Promise<StartedCluster>;
export async function startCluster(options: StartClusterOptions = {}): Promise<StartedCluster> {
  const startedAt = callerOf(import.meta.dirname);
  const settings = readOptions(options);
  return keepingAlive(async () => {
    const log =
      typeof settings.log === 'string'
        ? (await import('../platform/node-log.ts')).nodeLog({ level: settings.log })
        : settings.log;
    const world = nodeWorld(log, undefined, false);
    const [cluster] = await Promise.all([
      RunningCluster.start(world, settings, startedAt),
      removeLeftFolders(world.clock.now()).catch((error: unknown) =>
        world.log.warn('the folder of a process that is gone could not be removed', { error }),
      ),
    ]);
    return cluster;
  });
}
