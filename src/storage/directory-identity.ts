import type { Uuid } from '../base/brand.ts';
import { readWhole, writeWhole } from '../base/disk.ts';
import { randomUuid } from '../base/random.ts';
import { RefusedStart } from '../base/refused.ts';
import type { World } from '../base/world.ts';
import {
  formatMetaProperties,
  META_PROPERTIES,
  parseMetaProperties,
  withoutMetaProperties,
} from './meta-properties.ts';
import { replicaInName } from './partition-folder.ts';

/**
 * The id of a broker's data folder: reads `meta.properties`, or writes it for a folder that is new. Rejects
 * with RefusedStart when the folder is another broker's or its file is missing or wrong, with DiskError
 * when it cannot be read.
 */
export async function identify(
  world: World,
  {
    path,
    clusterId,
    brokerId,
  }: { readonly path: string; readonly clusterId: string; readonly brokerId: number },
): Promise<Uuid> {
  const bytes = readWhole(world.disk, `${path}/${META_PROPERTIES}`);
  if (bytes === null) {
    const orphan = world.disk.list(path).find((name) => replicaInName(name) !== null);
    if (orphan !== undefined) throw new RefusedStart('DATA_FOLDER', withoutMetaProperties(path, orphan));
    const directoryId = randomUuid(world.random);
    const text = formatMetaProperties({ clusterId, nodeId: brokerId, directoryId });
    await writeWhole(world.disk, `${path}/${META_PROPERTIES}`, Buffer.from(text));
    return directoryId;
  }
  const meta = parseMetaProperties(bytes.toString('utf8'));
  if ('problem' in meta) throw new RefusedStart('DATA_FOLDER', `${path}/${META_PROPERTIES}: ${meta.problem}`);
  if (meta.clusterId !== clusterId) {
    throw new RefusedStart(
      'DATA_FOLDER',
      `${path} holds data of cluster ${meta.clusterId}, not of ${clusterId}`,
    );
  }
  if (meta.nodeId !== brokerId) {
    throw new RefusedStart('DATA_FOLDER', `${path} holds data of broker ${meta.nodeId}, not of ${brokerId}`);
  }
  return meta.directoryId;
}
