import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { listConnectors } from './connectors.ts';

export const connectList: Command = {
  name: 'connect list',
  summary: 'List all connectors.',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const connectors = await listConnectors(new ApiClient(given.text('api')));
    if (given.switched('json')) output.line(JSON.stringify(connectors.map(({ raw }) => raw)));
    else if (connectors.length === 0)
      output.line('There is no connector: make one with "millrace connect create NAME".');
    else
      for (const line of table([
        ['NAME', 'STATE', 'WORKERS', 'CREATED'],
        ...connectors.map((one) => [one.name, one.state, String(one.workerCount), one.createdAt]),
      ]))
        output.line(line);
    return 0;
  },
};
