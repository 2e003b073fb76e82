/**
 * Loaded before Millrace (`node --import`): ends the process with SIGKILL at the n-th point at which
 * something has just become, or is about to become, true outside of it: a transaction, a file in place, a
 * process, a removed folder. With MILLRACE_TEST_CRASH_FROM the count begins each time a record with this text
 * is written to the store, and n is what the file MILLRACE_TEST_CRASH_FILE says then.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';

const { MILLRACE_TEST_CRASH_FROM: crashFrom, MILLRACE_TEST_CRASH_FILE: crashFile } = process.env;
let crashAt = Number(process.env.MILLRACE_TEST_CRASH_AT ?? 0);
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

const run = StatementSync.prototype.run;
// The overloads are the original's; all that is added is the look at what is written.
StatementSync.prototype.run = function (this: StatementSync, ...args: Parameters<typeof run>) {
  if (
    crashFrom !== undefined &&
    crashFile !== undefined &&
    args.some((arg) => String(arg).includes(crashFrom))
  ) {
    crashAt = Number(fs.readFileSync(crashFile, 'utf8'));
    passed = 0;
  }
  return run.apply(this, args);
} as typeof run;

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
