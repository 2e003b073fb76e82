import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findCluster } from './clusters.ts';
import { watchOperation } from './watch-operation.ts';

export const clustersReboot: Command = {
  name: 'clusters reboot',
  summary: 'Restart one broker as soon as every replica is in sync, and wait until all are in sync again.',
  takes: 'NAME|ARN BROKER',
  words: { min: 2, max: 2 },
  options: {
    'no-wait': { help: 'Return at once, while the cluster is REBOOTING_BROKER.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [name = '', broker = ''] = given.words;
    const { clusterArn } = await findCluster(api, name);
    const { clusterOperationArn } = await api.send('PUT', ['v1', 'clusters', clusterArn, 'reboot-broker'], {
      brokerIds: [broker],
    });
    return watchOperation(api, String(clusterOperationArn), {
      json: given.switched('json'),
      output,
      wait: !given.switched('no-wait'),
    });
  },
};
