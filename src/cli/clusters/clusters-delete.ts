import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { describeCluster, findCluster } from './clusters.ts';

const POLL_MS = 50;

export const clustersDelete: Command = {
  name: 'clusters delete',
  summary: 'Delete a cluster with all its data, and wait until it is gone.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    ...YES_OPTION,
    'no-wait': { help: 'Return at once, while the cluster is DELETING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const cluster = await findCluster(api, given.words[0] ?? '');
    const { clusterArn: arn, clusterName: name } = cluster;
    const brokers = counted(cluster.numberOfBrokerNodes, 'broker');
    await confirm(given, `This deletes ${name} (${brokers}) with all its data.`, name);
    await api.send('DELETE', ['v1', 'clusters', arn]);
    let gone = false;
    while (!gone && !given.switched('no-wait')) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      try {
        await describeCluster(api, arn);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'NotFoundException') throw error;
        gone = true;
      }
    }
    if (given.switched('json'))
      output.line(JSON.stringify({ name, arn, state: gone ? 'DELETED' : 'DELETING' }));
    else output.line(`${name} is ${gone ? 'deleted' : 'DELETING'}.`);
    return 0;
  },
};
