import { join } from 'node:path';

/** Where things stand in the data folder, and nowhere else. */

export function clustersFolder(dataDirectory: string): string {
  return join(dataDirectory, 'clusters');
}

export function clusterFolder(
  dataDirectory: string,
  cluster: { readonly name: string; readonly uuid: string },
): string {
  return join(clustersFolder(dataDirectory), `${cluster.name}-${cluster.uuid}`);
}

export const CONTROLLER_FOLDER = 'controller';

/** In the folder of a cluster: what its nodes know each other by. */
export const PEER_SECRET_FILE = 'peer-secret';

export function brokerFolder(brokerId: number): string {
  return `broker-${brokerId}`;
}

/** The files of a process in its own folder, beside what it stores there. */
export const PROCESS_FILES = {
  config: 'process.json',
  socket: 'process.sock',
  /** Whose pid it was: believed only together with the lock and the command line. */
  identity: 'process-id.json',
  log: 'process.log',
  /** Certificate and key of a broker's encrypted listeners. */
  listeners: 'listeners.pem',
} as const;
