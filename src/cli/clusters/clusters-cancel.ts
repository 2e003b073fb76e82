import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findCluster } from './clusters.ts';

export const clustersCancel: Command = {
  name: 'clusters cancel',
  summary: 'Cancel the running operation of a cluster. Completed steps are not undone.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { clusterName: name, raw } = await findCluster(api, given.words[0] ?? '');
    const operation = 'activeOperationArn' in raw ? raw.activeOperationArn : null;
    if (typeof operation !== 'string') throw new Failure(`${name} has no operation that is under way.`);
    await api.send('POST', ['millrace', 'v1', 'operations', operation, 'cancel'], {});
    output.line(
      given.switched('json')
        ? JSON.stringify({ name, operation, state: 'CANCELLING' })
        : `The operation is taken back: see "millrace clusters operations ${name}".`,
    );
    return 0;
  },
};
