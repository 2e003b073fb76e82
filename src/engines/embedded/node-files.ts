import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeFiles } from '../../control/node-files.ts';
import { clustersFolder, PROCESS_FILES } from './layout.ts';

/** `NAME-UUID`, as the folders of clusters are called. */
const CLUSTER_FOLDER = /^(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of all nodes of all clusters in a data folder, in the order of their names. */
export function nodeFiles(dataDirectory: string): NodeFiles[] {
  const clusters = clustersFolder(dataDirectory);
  if (!existsSync(clusters)) return [];
  return readdirSync(clusters)
    .sort()
    .flatMap((folder) => {
      const cluster = CLUSTER_FOLDER.exec(folder)?.[1];
      if (cluster === undefined) return [];
      return nodesIn(join(clusters, folder)).map((node) => ({
        cluster,
        node,
        log: join(clusters, folder, node, PROCESS_FILES.log),
        config: join(clusters, folder, node, PROCESS_FILES.config),
      }));
    })
    .filter(({ config }) => existsSync(config));
}

/** A cluster that is deleted meanwhile has none. */
function nodesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
