import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findConnector } from './connectors.ts';

export const connectLogs: Command = {
  name: 'connect logs',
  summary: "Print the end of the logs of a connector's workers.",
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    bytes: { value: 'N', help: 'Bytes to print of each log.', default: '65536' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const bytes = given.integer('bytes', { min: 1, max: 1_048_576 });
    const { arn } = await findConnector(api, given.words[0] ?? '');
    const { workers } = await api.send('GET', ['millrace', 'v1', 'connectors', arn, 'logs'], { bytes });
    const all = Array.isArray(workers) ? workers : [];
    if (given.switched('json')) {
      output.line(JSON.stringify(all));
      return 0;
    }
    for (const log of all)
      for (const line of String(log.text).trimEnd().split('\n')) output.line(`[${log.worker}] ${line}`);
    return 0;
  },
};
