import type { Uuid } from '../base/brand.ts';
import { readWhole, writeWhole } from '../base/disk.ts';
import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';

export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid;
}

const FILE = 'meta.properties';

/**
 * Whose folder it is: `meta.properties` as Kafka writes it (version 1), made on the first start. Throws when the
 * folder is another node's or another cluster's.
 */
export async function claimDirectory(
  world: World,
  directory: string,
  node: { readonly clusterId: string; readonly nodeId: number },
): Promise<MetaProperties> {
  world.disk.makeDirectory(directory);
  const content = readWhole(world.disk, `${directory}/${FILE}`);
  if (content === null) {
    const directoryId = randomUuid(world.random);
    const lines = [
      `cluster.id=${node.clusterId}`,
      `directory.id=${directoryId}`,
      `node.id=${node.nodeId}`,
      'version=1',
    ];
    await writeWhole(world.disk, `${directory}/${FILE}`, Buffer.from(`#\n${lines.join('\n')}\n`));
    return { ...node, directoryId };
  }
  const properties = parse(content.toString('utf8'));
  const clusterId = properties.get('cluster.id');
  const nodeId = properties.get('node.id');
  const directoryId = properties.get('directory.id');
  if (clusterId !== node.clusterId)
    throw new Error(`${directory} belongs to cluster ${clusterId}, not to ${node.clusterId}`);
  if (nodeId !== String(node.nodeId))
    throw new Error(`${directory} belongs to node ${nodeId}, not to ${node.nodeId}`);
  if (directoryId === undefined) throw new Error(`${directory}/${FILE} has no directory.id`);
  return { ...node, directoryId };
}

function parse(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 0) continue;
    properties.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return properties;
}
