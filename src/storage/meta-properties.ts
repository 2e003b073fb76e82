import type { Uuid } from '../base/brand.ts';

/** `meta.properties`, version 1: whose data folder this is. */
export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid;
}

export const META_PROPERTIES = 'meta.properties';
const VERSION = '1';

/**
 * Without the file nobody knows whose data a folder holds, and a new one would have another directory id,
 * under which no partition is assigned: they would have no leader for ever.
 */
export function withoutMetaProperties(path: string, partition: string): string {
  return `${path} holds partitions (${partition}) but no ${META_PROPERTIES}, without which they cannot be used: put that file back, or move the folder away to have its replicas copied from other brokers`;
}

export function formatMetaProperties(meta: MetaProperties): string {
  return [
    '#',
    `version=${VERSION}`,
    `cluster.id=${meta.clusterId}`,
    `node.id=${meta.nodeId}`,
    `directory.id=${meta.directoryId}`,
    '',
  ].join('\n');
}

/** The reason as text when it cannot be read: a data folder is not guessed at. */
export function parseMetaProperties(text: string): MetaProperties | { readonly problem: string } {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) properties.set(match[1], match[2] ?? '');
  }
  const version = properties.get('version');
  const clusterId = properties.get('cluster.id');
  const nodeId = properties.get('node.id');
  const directoryId = properties.get('directory.id');
  if (version !== VERSION) return { problem: `version ${version ?? 'missing'}, expected ${VERSION}` };
  if (!clusterId) return { problem: 'no cluster.id' };
  if (!nodeId || !/^\d+$/.test(nodeId)) return { problem: 'no node.id' };
  if (!directoryId) return { problem: 'no directory.id' };
  return { clusterId, nodeId: Number(nodeId), directoryId };
}
