import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from '../../control/folder-lock.ts';
import { processIdentity } from './process-identity.ts';

/** In the data folder while `millrace up` serves, and after one that was killed. */
const SERVER_FILE = 'server.json';

/** A `millrace up`, as it says itself. */
export interface ServerProcess {
  readonly pid: number;
  /** The address of its API. */
  readonly api: string;
  readonly version: string;
  /** See `processIdentity`. */
  readonly identity: string | null;
}

/** Says where the API of this process is, for commands that know only the data folder. */
export function writeServerFile(folder: string, { api, version }: { api: string; version: string }): void {
  const { pid } = process;
  const own: ServerProcess = { pid, api, version, identity: processIdentity(pid) };
  writeFileSync(join(folder, SERVER_FILE), `${JSON.stringify(own)}\n`, { mode: 0o600 });
}

export function removeServerFile(folder: string): void {
  rmSync(join(folder, SERVER_FILE), { force: true });
}

/**
 * The `millrace up` that works in a data folder; null when there is none. The folder's lock is the proof that
 * the file is not of one that was killed.
 */
export function serverIn(folder: string): ServerProcess | null {
  const said = read(join(folder, SERVER_FILE));
  return said === null || FolderLock.isFree(folder) ? null : said;
}

function read(file: string): ServerProcess | null {
  try {
    const said: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isServerProcess(said) ? said : null;
  } catch (error) {
    // It is not there, or being written now.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}

function isServerProcess(said: unknown): said is ServerProcess {
  return (
    typeof said === 'object' &&
    said !== null &&
    'pid' in said &&
    typeof said.pid === 'number' &&
    'api' in said &&
    typeof said.api === 'string' &&
    'version' in said &&
    'identity' in said
  );
}
