import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CONTROLLER_FOLDER, PROCESS_FILES } from './layout.ts';

/** The folders of the nodes of the cluster in this folder, of the controller and of brokers. */
export function nodeFolders(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => join(folder, name))
    .filter((node) => existsSync(join(node, PROCESS_FILES.config)));
}

/** Brokers first: a broker that stops hands its partitions over with the controller's help. */
export async function stopNodes(
  folders: readonly string[],
  stop: (folder: string) => Promise<void>,
): Promise<void> {
  const isController = (folder: string): boolean => basename(folder) === CONTROLLER_FOLDER;
  await Promise.all(folders.filter((folder) => !isController(folder)).map(stop));
  await Promise.all(folders.filter(isController).map(stop));
}
