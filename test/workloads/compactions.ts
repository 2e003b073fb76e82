import { filesBelow } from '../support/live-folder.ts';

/** Configs of a topic that is compacted within seconds, whenever there is anything to compact. */
export const COMPACTED = {
  'segment.ms': '1000',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '1000',
};

/** The number of partition folders below `folder` in which a compaction left records out. */
export function compactedFolders(folder: string): number {
  return filesBelow(folder).filter((path) => path.endsWith('/segments-adjoin')).length;
}
