import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerListener } from '../../broker/broker.ts';
import { replaceChangedFile } from '../../platform/replace-file.ts';
import { DIRECTORY_FILE } from '../../security/iam/directory-file.ts';

/**
 * Sees that the folder of a broker has the directory of IAM where clients sign in by it, and none where they
 * do not. A broker that runs takes it by itself. Throws when it cannot be written.
 */
export function writeDirectory(
  folder: string,
  listeners: readonly Pick<BrokerListener, 'mechanisms'>[],
  text: () => string,
): void {
  const file = join(folder, DIRECTORY_FILE);
  if (listeners.some(({ mechanisms }) => mechanisms?.includes('AWS_MSK_IAM')))
    replaceChangedFile(file, text());
  else rmSync(file, { force: true });
}

/**
 * Calls `write` for every node: what keeps one broker from a user that was deleted keeps no other from it.
 * Throws the first error, when all had their turn.
 */
export function writeEach<Node>(nodes: readonly Node[], write: (node: Node) => void): void {
  const errors: unknown[] = [];
  for (const node of nodes)
    try {
      write(node);
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw errors[0];
}
