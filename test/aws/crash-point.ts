/**
 * Loaded before Millrace (`node --import`): kills the process with SIGKILL at its n-th crash point. A crash
 * point is just before or after something takes effect outside of the process: a transaction, a file put in
 * place, a started process, a removed folder. With MILLRACE_TEST_CRASH_FROM the count begins again each time
 * a record with this text is written to the store, and n is read from the file MILLRACE_TEST_CRASH_FILE then.
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
// The overloads are those of the original function, which only gets a look at what is written.
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
// The overloads are those of the original function, which only gets a crash point after the call.
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  const child = spawn(...args);
  point();
  return child;
}) as typeof spawn;
syncBuiltinESMExports();
