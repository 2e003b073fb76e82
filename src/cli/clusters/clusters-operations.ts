import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { findCluster } from './clusters.ts';
import { operationView } from './watch-operation.ts';

export const clustersOperations: Command = {
  name: 'clusters operations',
  summary: 'List the changes of a cluster, the latest first.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { clusterArn, clusterName } = await findCluster(api, given.words[0] ?? '');
    const answer = await api.send('GET', ['v1', 'clusters', clusterArn, 'operations']);
    const list = answer.clusterOperationInfoList;
    const operations = Array.isArray(list) ? list.map(operationView) : [];
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
