/**
 * Loaded before Millrace (`node --import`): ends the process with SIGKILL at the n-th point at which something has just become, or is
 * about to become, true outside of it: a transaction, a file in place, a process, a removed folder.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

const crashAt = Number(process.env.MILLRACE_TEST_CRASH_AT ?? 0);
let passed = 0;

function point(): void {
  passed++;
  if (passed === crashAt) process.kill(process.pid, 'SIGKILL');
}

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql: string): void {
  if (sql === 'COMMIT') point();
  exec.call(this, sql);
  if (sql === 'COMMIT') point();
};

const { renameSync, rmSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  point();
};
fs.rmSync = (path, options) => {
  point();
  rmSync(path, options);
  point();
};

const spawn = childProcess.spawn;
// The overloads are the original's; all that is added is the point behind the call.
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  const child = spawn(...args);
  point();
  return child;
}) as typeof spawn;
syncBuiltinESMExports();
