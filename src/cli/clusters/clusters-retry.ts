import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findCluster } from './clusters.ts';

export const clustersRetry: Command = {
  name: 'clusters retry',
  summary: 'Retry a creation that failed.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { clusterName: name, clusterArn } = await findCluster(api, given.words[0] ?? '');
    const { state } = await api.send('POST', ['millrace', 'v1', 'clusters', clusterArn, 'retry'], {});
    output.line(
      given.switched('json')
        ? JSON.stringify({ name, state })
        : `${name} is being created again: see "millrace clusters describe ${name}".`,
    );
    return 0;
  },
};
