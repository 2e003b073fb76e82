import { join } from 'node:path';
import { LOG_LEVEL_NAMES, LOG_LEVELS } from '../../base/log.ts';
import type { NodeFiles } from '../../control/node-files.ts';
import { SERVER_LOG } from '../../control/server-log.ts';
import type { Command } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import { Failure } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import { dataFolder, SERVER_OPTIONS } from '../server/data-folder.ts';
import { FileTail } from './file-tail.ts';
import { forPeople, forPrograms, type LogLine, logLine } from './log-line.ts';

const POLL_MS = 200;
/** The word for the log of `millrace up` itself. */
export const SERVER = 'server';

interface Log {
  /** `server`, `demo/broker-1`. */
  readonly name: string;
  readonly tail: FileTail;
}

/** `nodeFiles`: the nodes of all clusters in a data folder. */
export function logs(nodeFiles: (dataDirectory: string) => readonly NodeFiles[]): Command {
  return {
    name: 'logs',
    summary: 'Print the end of all logs in the order of time, or of the log of one node.',
    takes: '[NODE]',
    words: { min: 0, max: 1 },
    options: {
      follow: { short: 'f', help: 'Go on with what comes, until Ctrl-C.' },
      cluster: { value: 'NAME', help: 'Only the nodes of this cluster.' },
      lines: { value: 'N', help: 'Number of lines, of all logs together.', default: '100' },
      level: {
        value: 'LEVEL',
        choices: LOG_LEVEL_NAMES,
        help: `Only lines of at least this level: ${LOG_LEVEL_NAMES.join(', ')}.`,
        default: 'debug',
      },
      ...SERVER_OPTIONS,
      ...JSON_OPTION,
    },
    more: 'NODE is server (the control plane), controller, or a broker: broker-1, or 1. The logs are files in the data folder; no Millrace needs to run.',
    async run(given, output) {
      const lines = given.integer('lines', { min: 0, max: 100_000 });
      const least = LOG_LEVELS[given.choice('level', LOG_LEVEL_NAMES)];
      const folder = await dataFolder(given);
      const wanted = { node: given.words[0], cluster: given.maybe('cluster') };
      const files = (): Map<string, string> => logFiles(folder, nodeFiles(folder), wanted);
      const found = files();
      if (found.size === 0) throw nothing(folder, nodeFiles(folder), wanted);
      const width = Math.max(...[...found.keys()].map((name) => name.length));
      const print = (line: LogLine): void =>
        output.line(given.switched('json') ? forPrograms(line) : forPeople(line, width));
      const isWanted = ({ level }: LogLine): boolean => level === null || level >= least;

      let open: Log[] = [...found].map(([name, file]) => ({ name, tail: new FileTail(file) }));
      const last = open.map(({ name, tail }) => tail.last(lines).map((text) => logLine(name, text)));
      for (const line of lines === 0 ? [] : byTime(last).filter(isWanted).slice(-lines)) print(line);
      while (given.switched('follow')) {
        await new Promise((done) => setTimeout(done, POLL_MS));
        const now = files();
        open = [
          ...open.filter(({ name }) => now.has(name)),
          // A node that came since: its log is new from the first line.
          ...[...now]
            .filter(([name]) => !open.some((log) => log.name === name))
            .map(([name, file]) => ({ name, tail: new FileTail(file) })),
        ];
        const came = open.map(({ name, tail }) => tail.more().map((text) => logLine(name, text)));
        for (const line of byTime(came).filter(isWanted)) print(line);
      }
      return 0;
    },
  };
}

/** The files that are meant, by the names that their lines get. */
function logFiles(
  folder: string,
  nodes: readonly NodeFiles[],
  wanted: { readonly node: string | undefined; readonly cluster: string | undefined },
): Map<string, string> {
  const node = wanted.node !== undefined && /^\d+$/.test(wanted.node) ? `broker-${wanted.node}` : wanted.node;
  const files = new Map<string, string>();
  if (wanted.cluster === undefined && (node === undefined || node === SERVER))
    files.set(SERVER, join(folder, SERVER_LOG));
  for (const one of nodes)
    if ((node === undefined || node === one.node) && (wanted.cluster ?? one.cluster) === one.cluster)
      files.set(`${one.cluster}/${one.node}`, one.log);
  return files;
}

function nothing(
  folder: string,
  nodes: readonly NodeFiles[],
  { node, cluster }: { readonly node: string | undefined; readonly cluster: string | undefined },
): Failure {
  const clusters = [...new Set(nodes.map((one) => one.cluster))];
  if (cluster !== undefined && !clusters.includes(cluster)) {
    return new Failure(`${folder} has no logs of a cluster ${cluster}.${didYouMean(cluster, clusters)}`, {
      exit: 'notFound',
    });
  }
  const names = [...new Set([...(cluster === undefined ? [SERVER] : []), ...nodes.map((one) => one.node)])];
  return new Failure(`There is no log of ${node ?? 'anything'}: there are those of ${names.join(', ')}.`, {
    exit: 'notFound',
  });
}

/** Several logs as one. A line without a time belongs to the one before it. */
function byTime(logs: readonly (readonly LogLine[])[]): LogLine[] {
  const timed = logs.flatMap((lines) => {
    let time = 0;
    return lines.map((line) => {
      time = line.time ?? time;
      return { line, time };
    });
  });
  return timed.sort((a, b) => a.time - b.time).map(({ line }) => line);
}
