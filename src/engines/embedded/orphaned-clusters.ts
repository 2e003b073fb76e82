import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_FILE } from '../../control/state/store.ts';
import { clustersFolder } from './layout.ts';

/**
 * Why nothing may be started in a data folder that has clusters and no store that knows them: a new one of
 * the same name would be empty, and the data nobody's. Null when there are none.
 */
export function orphanedClusters(dataDirectory: string): string | null {
  const store = join(dataDirectory, STORE_FILE);
  const clusters = clustersFolder(dataDirectory);
  if (existsSync(store) || !existsSync(clusters)) return null;
  const names = readdirSync(clusters);
  if (names.length === 0) return null;
  return `${clusters} has the data of clusters (${names.join(', ')}), but ${store}, which knows them, is missing: put a copy of it back, or move ${clusters} away to begin without them.`;
}
