import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before each test file: a program that a test waits for synchronously is ended after this time. In
 * such a call Vitest cannot end the test, and a program that hangs would hang the run.
 */
export const SYNCHRONOUS_MS = Number(process.env.MILLRACE_TEST_SYNCHRONOUS_MS ?? 480_000);

const LIMIT = { timeout: SYNCHRONOUS_MS, killSignal: 'SIGKILL' } as const;

/** The same arguments, with options that have the limit, where they do not have their own. */
function limited(args: readonly unknown[]): unknown[] {
  const last = args.at(-1);
  const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last);
  return hasOptions ? [...args.slice(0, -1), { ...LIMIT, ...last }] : [...args, LIMIT];
}

// The overloads are those of the original functions.
const { spawnSync, execFileSync } = childProcess;
childProcess.spawnSync = ((...args: unknown[]) =>
  Reflect.apply(spawnSync, childProcess, limited(args))) as typeof spawnSync;
childProcess.execFileSync = ((...args: unknown[]) =>
  Reflect.apply(execFileSync, childProcess, limited(args))) as typeof execFileSync;
syncBuiltinESMExports();
