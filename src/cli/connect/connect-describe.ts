import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { findConnector } from './connectors.ts';

export const connectDescribe: Command = {
  name: 'connect describe',
  summary: 'Show one connector: its state with the reason, its workers and its configuration.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const connector = await findConnector(new ApiClient(given.text('api')), given.words[0] ?? '');
    if (given.switched('json')) {
      output.line(JSON.stringify(connector.raw));
      return 0;
    }
    for (const line of table([
      ['Name', connector.name],
      ['ARN', connector.arn],
      ['State', connector.note === null ? connector.state : `${connector.state}: ${connector.note}`],
      ['Workers', `${connector.workerCount} of ${connector.mcuCount} MCU`],
      ['Plugin', connector.plugin],
      ['Rights', connector.pluginRights],
      ['Kafka Connect', connector.kafkaConnectVersion],
      ['Cluster', connector.bootstrapServers],
      ['Created', connector.createdAt],
    ]))
      output.line(line);
    output.line('');
    for (const [name, value] of Object.entries(connector.configuration))
      output.line(`${name}=${String(value)}`);
    return 0;
  },
};
