import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { findCluster } from './clusters.ts';
import { listOperations, watchOperation } from './watch-operation.ts';

export const clustersOperations: Command = {
  name: 'clusters operations',
  summary: 'List the operations on a cluster, the latest first.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    wait: {
      help: 'Show the progress of the running operation and wait until it ends. The exit status is 1 when it fails.',
    },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { clusterArn, clusterName, raw } = await findCluster(api, given.words[0] ?? '');
    const active = 'activeOperationArn' in raw ? raw.activeOperationArn : null;
    if (given.switched('wait') && typeof active === 'string')
      return watchOperation(api, active, { json: given.switched('json'), output, wait: true });
    const operations = await listOperations(api, clusterArn);
    if (given.switched('json')) output.line(JSON.stringify(operations.map(({ raw }) => raw)));
    else if (operations.length === 0) output.line(`${clusterName} was not changed yet.`);
    else
      for (const line of table([
        ['OPERATION', 'STATE', 'STARTED', 'STEP', 'ERROR'],
        ...operations.map((one) => [one.type, one.state, one.startedAt, one.step, one.error ?? '']),
      ]))
        output.line(line);
    return 0;
  },
};
