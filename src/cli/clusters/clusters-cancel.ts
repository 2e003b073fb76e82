import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findCluster } from './clusters.ts';
import { isWaiting, listOperations } from './watch-operation.ts';

export const clustersCancel: Command = {
  name: 'clusters cancel',
  summary: 'Cancel the running operation of a cluster. Completed steps are not undone.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    queued: { help: 'Take back the changes that wait (clusters update --queue), not the running operation.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { clusterArn, clusterName: name, raw } = await findCluster(api, given.words[0] ?? '');
    if (given.switched('queued')) {
      const waiting = (await listOperations(api, clusterArn)).filter(isWaiting);
      // The last first, so that none begins because the one before it is gone.
      for (const { arn } of waiting)
        await api.send('POST', ['millrace', 'v1', 'operations', arn, 'cancel'], {});
      const operations = waiting.map(({ arn }) => arn);
      if (given.switched('json')) output.line(JSON.stringify({ name, operations }));
      else
        output.line(
          waiting.length === 0
            ? `No change of ${name} waits.`
            : `${counted(waiting.length, 'waiting change')} of ${name} ${waiting.length === 1 ? 'is' : 'are'} taken back.`,
        );
      return 0;
    }
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
