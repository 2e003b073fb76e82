import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FolderLock } from '../../control/folder-lock.ts';
import type { Command, Given } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import type { Output } from '../output.ts';
import { dataFolder, SERVER_OPTIONS } from './data-folder.ts';
import { processIdentity } from './process-identity.ts';
import { removedServer } from './removed-server.ts';
import { serverIn } from './server-file.ts';

const POLL_MS = 50;

/** The processes of controllers and brokers that run in a data folder, whoever watches them. */
export interface RunningNodes {
  readonly count: number;
  /** Resolves when they have ended. */
  end(): Promise<void>;
}

export function stopCommand(nodesOf: (dataDirectory: string) => RunningNodes): Command {
  return {
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
    more: [
      'It does what Ctrl-C does where "millrace up" runs: each broker hands over what it leads, and closes its logs. Brokers that run on',
      'without "millrace up", because it was killed or their folder was removed, are stopped as well.',
    ].join('\n'),
    async run(given, output) {
      const seconds = given.integer('wait-for', { min: 1, max: 86_400 });
      const removed = removedFolder(given);
      const folder = removed ?? (await dataFolder(given));
      const server = removed === null ? serverIn(folder) : removedServer(folder);
      if (!server) {
        const nodes = nodesOf(folder);
        if (nodes.count > 0 && FolderLock.isFree(folder)) return endNodes(folder, nodes, given, output);
        throw new Failure(removed === null ? whyNone(folder) : `There is no folder ${folder}.`, {
          exit: 'unreachable',
        });
      }
      const { pid, identity } = server;
      // The same number may be another process here, when that Millrace runs in a container.
      if (identity !== processIdentity(pid))
        throw new Failure(
          `The Millrace of ${folder} runs in another container, or as another user: run "millrace stop" there.`,
        );
      if (!given.switched('json')) output.line(`Stopping the Millrace of ${folder} (process ${pid}) …`);
      ask(pid);
      const until = performance.now() + seconds * 1000;
      // A folder that was removed is free at once.
      const isOver = () =>
        identity !== processIdentity(pid) || (removed === null && FolderLock.isFree(folder));
      while (!isOver()) {
        if (performance.now() > until)
          throw new Failure(
            `It has not ended after ${seconds} s, and goes on stopping: see "millrace logs server --data ${folder}".`,
          );
        await new Promise((done) => setTimeout(done, POLL_MS));
      }
      output.line(
        given.switched('json')
          ? JSON.stringify({ stopped: true, processId: pid, dataDirectory: folder })
          : removed === null
            ? 'Stopped. The next start finds every cluster and record again.'
            : 'Stopped.',
      );
      return 0;
    },
  };
}

/** The folder of --data when there is none any more: nodes may run that worked in it. */
function removedFolder(given: Given): string | null {
  const named = given.maybe('data');
  return named === undefined || existsSync(resolve(named)) ? null : resolve(named);
}

async function endNodes(folder: string, nodes: RunningNodes, given: Given, output: Output): Promise<number> {
  const what = counted(nodes.count, 'node');
  if (!given.switched('json'))
    output.line(`No "millrace up" runs in ${folder}; stopping the processes of ${what} …`);
  await nodes.end();
  output.line(
    given.switched('json')
      ? JSON.stringify({ stopped: true, processId: null, dataDirectory: folder })
      : 'Stopped.',
  );
  return 0;
}

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
