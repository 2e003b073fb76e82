import { FolderLock } from '../../control/folder-lock.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import { dataFolder, SERVER_OPTIONS } from './data-folder.ts';
import { processIdentity } from './process-identity.ts';
import { serverIn } from './server-file.ts';

const POLL_MS = 50;

export const stop: Command = {
  name: 'stop',
  summary:
    'Stop a running Millrace with all its clusters, and wait until it has ended. Every record is kept.',
  options: {
    ...SERVER_OPTIONS,
    'wait-for': {
      value: 'SECONDS',
      help: 'How long to wait for the end; it goes on after that.',
      default: '120',
    },
    ...JSON_OPTION,
  },
  more: 'It does what Ctrl-C does where "millrace up" runs: each broker hands over what it leads, and closes its logs.',
  async run(given, output) {
    const seconds = given.integer('wait-for', { min: 1, max: 86_400 });
    const folder = await dataFolder(given);
    const server = serverIn(folder);
    if (!server) throw new Failure(whyNone(folder), { exit: 'unreachable' });
    const { pid, identity } = server;
    // The same number may be another process here, when that Millrace runs in a container.
    if (identity !== processIdentity(pid))
      throw new Failure(
        `The Millrace of ${folder} runs in another container, or as another user: run "millrace stop" there.`,
      );
    if (!given.switched('json')) output.line(`Stopping the Millrace of ${folder} (process ${pid}) …`);
    ask(pid);
    const until = performance.now() + seconds * 1000;
    while (identity === processIdentity(pid) && !FolderLock.isFree(folder)) {
      if (performance.now() > until)
        throw new Failure(
          `It has not ended after ${seconds} s, and goes on stopping: see "millrace logs server --data ${folder}".`,
        );
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    output.line(
      given.switched('json')
        ? JSON.stringify({ stopped: true, processId: pid, dataDirectory: folder })
        : 'Stopped. The next start finds every cluster and record again.',
    );
    return 0;
  },
};

/** One that has ended meanwhile is what was wanted. */
function ask(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function whyNone(folder: string): string {
  return FolderLock.isFree(folder)
    ? `No Millrace runs in ${folder}.`
    : `Something works in ${folder}, and it is no "millrace up" that serves: one that starts now, or a program that called startCluster.`;
}
