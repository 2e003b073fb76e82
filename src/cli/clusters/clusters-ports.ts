import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { bootstrapBrokers, describeCluster, findCluster } from './clusters.ts';

const POLL_MS = 200;
/** Of the reason while it moves. */
const MOVES = 'It moves';

export const clustersPorts: Command = {
  name: 'clusters ports',
  summary:
    'Move a cluster to other ports: all its processes restart there, and clients must be told the new addresses.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    first: {
      value: 'PORT',
      help: 'First port of its first broker; each broker has ten in a row. Default: the next ones that are free.',
    },
    'no-wait': { help: 'Return at once, while the processes restart.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const firstPort = given.has('first') ? given.integer('first', { min: 1024, max: 65_535 }) : undefined;
    const api = new ApiClient(given.text('api'));
    const { clusterName: name, clusterArn: arn } = await findCluster(api, given.words[0] ?? '');
    const body = firstPort === undefined ? {} : { firstPort };
    const moved = await api.send('PUT', ['millrace', 'v1', 'clusters', arn, 'ports'], body);
    let cluster = await describeCluster(api, arn);
    while (!given.switched('no-wait') && cluster.state === 'HEALING' && cluster.trouble?.startsWith(MOVES)) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      cluster = await describeCluster(api, arn);
    }
    if (cluster.trouble !== null && !cluster.trouble.startsWith(MOVES))
      throw new Failure(`${name} is ${cluster.state}: ${cluster.trouble}`);
    const bootstrap = await bootstrapBrokers(api, cluster);
    output.line(
      given.switched('json')
        ? JSON.stringify({ name, state: cluster.state, firstPort: moved.firstPort, bootstrap })
        : `${name} has the ports from ${String(moved.firstPort)} on: ${bootstrap ?? ''}`,
    );
    return 0;
  },
};
