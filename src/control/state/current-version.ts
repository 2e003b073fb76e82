import { createHash } from 'node:crypto';

/** Shape of MSK's tokens: K and 13 capitals or digits. */
const LENGTH = 13;

/**
 * The opaque version of a cluster that an update must name: it changes with every change that was asked for.
 */
export function currentVersion(cluster: { readonly uuid: string; readonly revision: number }): string {
  const digest = createHash('sha256').update(`${cluster.uuid}/${cluster.revision}`).digest();
  return `K${digest.readBigUInt64BE().toString(36).toUpperCase().padStart(LENGTH, '0').slice(-LENGTH)}`;
}

/**
 * Said to any update with another version than the current one. It begins as on MSK, with AWS's own
 * apostrophe, since clients match on it.
 */
export function notCurrent(cluster: { readonly uuid: string; readonly revision: number }): string {
  return `The version of the cluster isn\u2019t current. Check the current version and try again. It is ${currentVersion(cluster)}.`;
}
