import childProcess, { type ChildProcess } from 'node:child_process';
import fs, { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { DIRECTORY_FILE } from '../../../src/security/iam/directory-file.ts';
import { OURS } from './ours.ts';
import { LONGEST_PART, look } from './secret.ts';

/**
 * Loaded before each test file: searches everything that Millrace shows while the tests run for secrets. It
 * searches processes when they are started, data folders before they are removed, and outputs as they come.
 */

const CHUNK_BYTES = 1024 * 1024;
/** The bits of a file's mode that let anybody but its owner do something with it. */
const OTHERS = 0o077;
const { spawn, spawnSync } = childProcess;
const { rmSync } = fs;
const { rm } = promises;

// The overloads are those of the original function, which only gets a search before it.
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  const child: ChildProcess = spawn(...args);
  if (!isOurs(args)) return child;
  lookAtStart(args);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    const push = stream.push.bind(stream);
    let last = Buffer.alloc(0);
    // Reads the chunk before any reader does, without being a listener that would make the stream flow.
    stream.push = (chunk, encoding) => {
      if (Buffer.isBuffer(chunk)) {
        const said = Buffer.concat([last, chunk]);
        look(`the output of ${args[1]?.join(' ')}`, said);
        last = said.subarray(-LONGEST_PART);
      }
      return push(chunk, encoding);
    };
  }
  return child;
}) as typeof spawn;

childProcess.spawnSync = ((...args: Parameters<typeof spawnSync>) => {
  const result = spawnSync(...args);
  if (!isOurs(args)) return result;
  lookAtStart(args);
  for (const said of [result.stdout, result.stderr])
    if (said) look(`the output of ${args[1]?.join(' ')}`, said);
  return result;
}) as typeof spawnSync;

fs.rmSync = (path, options) => {
  lookAtFolder(String(path));
  rmSync(path, options);
};
promises.rm = async (path, options) => {
  lookAtFolder(String(path));
  await rm(path, options);
};
syncBuiltinESMExports();

function isOurs(args: readonly unknown[]): boolean {
  return OURS.test(
    args
      .flat()
      .filter((word) => typeof word === 'string')
      .join(' '),
  );
}

function lookAtStart(args: readonly unknown[]): void {
  const words = args.flat();
  look('the arguments of a process', words.filter((word) => typeof word === 'string').join(' '));
  for (const word of words)
    if (typeof word === 'object' && word !== null && 'env' in word)
      look('the environment of a process', JSON.stringify(word.env ?? {}));
}

/**
 * Searches a data folder of `millrace up` or of `startCluster`, logs included, before it is removed. Other
 * folders may hold clients' passwords.
 */
function lookAtFolder(folder: string): void {
  if (!['control.db', 'controller'].some((name) => existsSync(join(folder, name)))) return;
  lookBelow(folder);
}

function lookBelow(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) whileThere(() => lookBelow(path));
    if (entry.isFile()) whileThere(() => lookAtFile(path));
  }
}

function lookAtFile(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    const { size, mode } = fstatSync(descriptor);
    // Brokers verify signatures with the secrets themselves; nobody but their owner may read them.
    if (basename(file) === DIRECTORY_FILE && (mode & OTHERS) === 0) return;
    const chunk = Buffer.alloc(Math.min(size, CHUNK_BYTES + LONGEST_PART));
    for (let at = 0; at < size; at += CHUNK_BYTES)
      look(file, chunk.subarray(0, readSync(descriptor, chunk, 0, chunk.length, at)));
  } finally {
    closeSync(descriptor);
  }
}

/** A process that still runs may remove what is read. */
function whileThere(look: () => void): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
