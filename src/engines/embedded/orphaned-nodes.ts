import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { endProcessIn } from './end-process.ts';
import { nodeFolders, stopNodes } from './node-folders.ts';
import { endProcesses, nodeProcesses } from './stray-nodes.ts';

/**
 * Stops the processes in the folder of all clusters that belong to none of the expected folders of nodes, and
 * those whose folder was removed. The folders stay.
 */
export async function stopOrphans(
  { clock, log }: Pick<World, 'clock' | 'log'>,
  clusters: string,
  expected: ReadonlySet<string>,
): Promise<void> {
  const lost = nodeProcesses(clusters).filter(({ isFolderGone }) => isFolderGone);
  for (const { pid, folder } of lost)
    log.warn('The folder of a node was removed, and its process is stopped', { pid, folder });
  await endProcesses(clock, lost);
  const names = existsSync(clusters) ? readdirSync(clusters) : [];
  await Promise.all(
    names.map(async (name) => {
      const orphans = nodeFolders(join(clusters, name)).filter((folder) => !expected.has(folder));
      await stopNodes(orphans, (folder) => endProcessIn(clock, folder));
      for (const folder of orphans)
        log.warn('This folder belongs to no cluster that is known; no process works in it', { folder });
    }),
  );
}

/**
 * Stops every node in the folder of all clusters, which no control plane watches, and those whose folder was
 * removed.
 */
export async function stopNodesBelow(clock: Clock, clusters: string): Promise<void> {
  const names = existsSync(clusters) ? readdirSync(clusters) : [];
  await Promise.all(
    names.map((name) =>
      stopNodes(nodeFolders(join(clusters, name)), (folder) => endProcessIn(clock, folder)),
    ),
  );
  await endProcesses(clock, nodeProcesses(clusters));
}
