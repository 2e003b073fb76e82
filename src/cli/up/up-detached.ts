import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_LOG } from '../../control/server-log.ts';
import type { Given } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT, Failure } from '../failure.ts';
import { FileTail } from '../logs/file-tail.ts';
import type { Output } from '../output.ts';
import { makeDataFolder } from './make-data-folder.ts';
import { controlOptions } from './up-options.ts';
import { checkUsers } from './up-users.ts';
import { upWish } from './up-wish.ts';

const POLL_MS = 50;
/** 128 and the number of SIGINT, as a shell calls the end of a program by Ctrl-C. */
const INTERRUPTED = 130;

/** What `millrace up --json` says last of its start-up. */
interface Ready {
  readonly event: 'ready';
  readonly api: string;
  readonly clusters: readonly {
    readonly name: string;
    readonly bootstrap: string | null;
    readonly controllerPort: number;
  }[];
  readonly ms: number;
}

/**
 * `millrace up --detach`: the same command without it, in a session of its own that no terminal ends, which
 * prints into the log of the data folder. What it says there is what this process waits for. Throws Failure
 * with what it complains of when it ends before it is ready.
 */
export async function upDetached(given: Given, output: Output): Promise<number> {
  // What is wrong with the options is said here.
  const options = controlOptions(given);
  const { dataDirectory } = options;
  upWish(given, options);
  // The process that runs reads the passwords again.
  checkUsers(given);
  const readsInput = readsStandardInput(given);
  makeDataFolder(dataDirectory);
  const log = join(dataDirectory, SERVER_LOG);
  const tail = new FileTail(log);
  tail.last(0);
  const child = start(log, readsInput);
  // One that cannot be started at all has no pid.
  child.once('error', () => {});
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    child.kill('SIGTERM');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const said: unknown[] = [];
  for (;;) {
    // Asked before the log is read: nothing comes to it from a process that had ended by then.
    const isOver = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    for (const line of tail.more()) said.push(parsed(line));
    const ready = said.find(isReady);
    if (ready && !isInterrupted) {
      child.unref();
      print(given, output, ready, { pid: child.pid, log, dataDirectory });
      return 0;
    }
    if (isOver && isInterrupted) return INTERRUPTED;
    if (isOver) throw refusal(said, log, child.exitCode);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

function start(log: string, readsInput: boolean) {
  const args = process.argv.slice(1).filter((word) => word !== '--detach');
  const file = openSync(log, 'a', 0o600);
  try {
    return spawn(
      process.execPath,
      [...process.execArgv, ...args, ...(args.includes('--json') ? [] : ['--json'])],
      {
        detached: true,
        stdio: [readsInput ? 'inherit' : 'ignore', file, file],
      },
    );
  } finally {
    closeSync(file);
  }
}

/** A password is read from it. */
function readsStandardInput(given: Given): boolean {
  return (given.maybe('scram') ?? '').split(',').some((user) => user.endsWith(':-'));
}

function print(
  given: Given,
  output: Output,
  ready: Ready,
  { pid, log, dataDirectory }: { pid: number | undefined; log: string; dataDirectory: string },
): void {
  if (given.switched('json')) {
    output.line(JSON.stringify({ ...ready, processId: pid, dataDirectory, log }));
    return;
  }
  const lines = [
    `Millrace runs in the background (process ${pid}); it was ready after ${(ready.ms / 1000).toFixed(1)} s.`,
    '',
    `  API        ${ready.api}`,
    ...ready.clusters.map(
      ({ name, bootstrap, controllerPort }) =>
        `  Cluster    ${name}, ${counted((bootstrap ?? '').split(',').length, 'broker')}: ${bootstrap} (controller: port ${controllerPort})`,
    ),
    `  Data       ${dataDirectory}`,
    `  Log        ${log}`,
    '',
    '"millrace status" shows how it does, "millrace logs -f" what it says, "millrace stop" stops it.',
  ];
  for (const line of lines) output.line(line);
}

/** What the process said of its end, which is the last thing that it said. */
function refusal(said: readonly unknown[], log: string, status: number | null): Failure {
  for (const line of said.toReversed()) {
    if (typeof line !== 'object' || line === null || !('error' in line)) continue;
    const { error } = line;
    if (typeof error === 'object' && error !== null && 'message' in error)
      return new Failure(String(error.message), {
        code: 'code' in error ? String(error.code) : 'failed',
        exit: status === EXIT.usage ? 'usage' : 'failed',
      });
  }
  return new Failure(`It ended before it was ready: see the end of ${log}.`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isReady(event: unknown): event is Ready {
  return (
    typeof event === 'object' &&
    event !== null &&
    'event' in event &&
    event.event === 'ready' &&
    'clusters' in event &&
    Array.isArray(event.clusters)
  );
}
