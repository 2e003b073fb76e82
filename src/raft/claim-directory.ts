import { readWhole, writeWhole } from '../base/disk.ts';
import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';
import {
  formatMetaProperties,
  META_PROPERTIES,
  type MetaProperties,
  parseMetaProperties,
} from '../storage/meta-properties.ts';
import { METADATA_DIRECTORY } from './metadata-topic.ts';

/**
 * Makes a folder this node's, on its first start, or proves that it is. Throws when it belongs to another
 * node or another cluster, or cannot be read.
 */
export async function claimDirectory(
  world: World,
  directory: string,
  node: { readonly clusterId: string; readonly nodeId: number },
): Promise<MetaProperties> {
  const { clusterId, nodeId } = node;
  const path = `${directory}/${META_PROPERTIES}`;
  world.disk.makeDirectory(directory);
  const content = readWhole(world.disk, path);
  if (content === null) {
    if (world.disk.exists(`${directory}/${METADATA_DIRECTORY}`))
      throw new Error(
        `${directory} holds the metadata of a cluster but no ${META_PROPERTIES}, without which it cannot be used: put that file back`,
      );
    const meta = { clusterId, nodeId, directoryId: randomUuid(world.random) };
    await writeWhole(world.disk, path, Buffer.from(formatMetaProperties(meta)));
    return meta;
  }
  const meta = parseMetaProperties(content.toString('utf8'));
  if ('problem' in meta) throw new Error(`${path} cannot be read: ${meta.problem}`);
  if (meta.clusterId !== clusterId)
    throw new Error(`${directory} belongs to cluster ${meta.clusterId}, not to ${clusterId}`);
  if (meta.nodeId !== nodeId)
    throw new Error(`${directory} belongs to node ${meta.nodeId}, not to ${nodeId}`);
  return meta;
}
