import { readdirSync } from 'node:fs';

/** Configs of a topic that is compacted within seconds, as often as there is anything to do. */
export const COMPACTED = {
  'segment.ms': '1000',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '1000',
};

/** Under a folder: how many folders of partitions there are of which a compaction left records out. */
export function compactedFolders(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('/segments-adjoin'),
  ).length;
}
