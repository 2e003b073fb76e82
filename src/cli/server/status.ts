import { resolve } from 'node:path';
import { FolderLock } from '../../control/folder-lock.ts';
import { ApiClient } from '../api-client.ts';
import { diskText } from '../clusters/disk-use.ts';
import { coloured } from '../colour.ts';
import type { Command, Given } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { answering, DEFAULT_DATA, SERVER_OPTIONS } from './data-folder.ts';
import { serverIn } from './server-file.ts';
import { type ClusterStatus, serverStatus } from './server-status.ts';

export const status: Command = {
  name: 'status',
  summary: 'Show whether Millrace runs, the state of its clusters and its disk, and what is wrong.',
  options: { ...SERVER_OPTIONS, ...JSON_OPTION },
  more: 'The exit status is 0 when nothing is wrong, 3 when no Millrace runs, and 5 when one runs with something wrong.',
  async run(given, output) {
    const { api, answer } = await runningServer(given);
    const status = await serverStatus(new ApiClient(api), answer);
    const exit = status.problems.length === 0 ? EXIT.done : EXIT.unhealthy;
    if (given.switched('json')) {
      output.line(JSON.stringify({ api, ...status }));
      return exit;
    }
    const { version, processId, startedAt, dataDirectory } = answer;
    output.line(
      `Millrace ${String(version ?? '')} runs since ${String(startedAt)} (process ${String(processId)}).`,
    );
    output.line('');
    for (const line of table([
      ['API', api],
      ['Data', String(dataDirectory)],
      ['Disk', diskText(status.disk)],
    ]))
      output.line(line);
    output.line('');
    if (status.clusters.length === 0)
      output.line('There is no cluster: make one with "millrace clusters create NAME".');
    else
      for (const line of table([
        ['CLUSTER', 'STATE', 'BROKERS', 'PARTITIONS', 'NOT IN SYNC', 'WITHOUT LEADER', 'BOOTSTRAP'],
        ...status.clusters.map(cells),
      ]))
        output.line(line);
    output.line('');
    if (status.problems.length === 0) output.line(coloured('green', 'Nothing is wrong.'));
    for (const problem of status.problems) output.line(`${coloured('red', 'Wrong:')} ${problem}`);
    return exit;
  },
};

function cells(cluster: ClusterStatus): string[] {
  const { health } = cluster;
  return [
    cluster.name,
    coloured(cluster.state === 'ACTIVE' ? 'green' : 'yellow', cluster.state),
    health ? `${health.brokersUp} of ${cluster.brokers}` : `? of ${cluster.brokers}`,
    String(health?.partitions ?? '?'),
    String(health?.partitionsNotInSync ?? '?'),
    String(health?.partitionsWithoutLeader ?? '?'),
    cluster.bootstrap ?? '-',
  ];
}

/** The Millrace that is meant, with what it says of itself. Throws Failure when none runs. */
async function runningServer(
  given: Given,
): Promise<{ readonly api: string; readonly answer: Record<string, unknown> }> {
  const named = given.maybe('data');
  const answer = named === undefined ? await answering(given) : null;
  if (answer) return { api: given.text('api'), answer };
  const folder = resolve(named ?? DEFAULT_DATA);
  const server = serverIn(folder);
  if (!server)
    throw new Failure(
      FolderLock.isFree(folder)
        ? `No Millrace runs in ${folder}${named === undefined ? `, and none answers at ${given.text('api')}` : ''}: start it with "millrace up".`
        : `A Millrace works in ${folder} and does not serve: it starts or stops now, or is the cluster of a program that called startCluster.`,
      { exit: 'unreachable' },
    );
  return {
    api: server.api,
    answer: await new ApiClient(server.api).send('GET', ['millrace', 'v1', 'server']),
  };
}
