import childProcess, { type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { endsWithThis, folderEndsWithThis } from './ends-with-this.ts';

/**
 * Loaded before each test file: every process that the file starts ends with it at the latest, and every
 * temporary folder that it makes is removed, with the processes that work in it. This is so when a test fails,
 * and when the run is interrupted or killed. Tests do not rely on it for each other: within a file they end
 * what they start.
 */

const { spawn, execFile } = childProcess;
const { mkdtempSync } = fs;
const promised = promisify(execFile);

// The overloads are those of the original functions.
childProcess.spawn = ((...args: Parameters<typeof spawn>): ChildProcess =>
  endsWithThis(spawn(...args))) as typeof spawn;
// It has Node's own `spawn`, and a promised form of its own.
childProcess.execFile = Object.assign(
  (...args: unknown[]): ChildProcess => endsWithThis(Reflect.apply(execFile, childProcess, args)),
  {
    [promisify.custom]: (...args: unknown[]) => {
      const running: ReturnType<typeof promised> = Reflect.apply(promised, undefined, args);
      endsWithThis(running.child);
      return running;
    },
  },
) as unknown as typeof execFile;
fs.mkdtempSync = ((...args: Parameters<typeof mkdtempSync>): string => {
  const folder = String(mkdtempSync(...args));
  folderEndsWithThis(folder);
  return folder;
}) as typeof mkdtempSync;
syncBuiltinESMExports();
