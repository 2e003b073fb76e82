import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { connectorConfig } from './connector-config.ts';
import { operationOf, refuseFailed } from './connector-operation.ts';
import { findConnector } from './connectors.ts';
import { findPlugin } from './custom-plugins.ts';

export const connectUpdate: Command = {
  name: 'connect update',
  summary: 'Change the configuration or the workers of a connector, and wait until it runs with that.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    config: { value: 'FILE', help: 'All properties that the connector is to have.' },
    workers: { value: 'N', help: 'New number of workers.' },
    mcu: { value: 'N', help: 'Size of each: 1, 2, 4 or 8 times 2 GiB of heap.' },
    plugin: { value: 'NAME', help: 'Another plugin with its class, such as a newer release of it.' },
    'no-wait': { help: 'Return at once, while the connector is UPDATING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const hasCapacity = given.has('workers') || given.has('mcu');
    const hasPlugin = given.has('plugin');
    if ((hasCapacity || hasPlugin) === given.has('config'))
      throw new Failure('Say either --config, or --workers, --mcu and --plugin.', { exit: 'usage' });
    const api = new ApiClient(given.text('api'));
    const connector = await findConnector(api, given.words[0] ?? '');
    const { arn, currentVersion } = connector;
    const capacity = {
      provisionedCapacity: {
        mcuCount: given.has('mcu') ? given.integer('mcu', { min: 1, max: 8 }) : connector.mcuCount,
        workerCount: given.has('workers')
          ? given.integer('workers', { min: 1, max: 10 })
          : connector.workerCount,
      },
    };
    const plugin = hasPlugin ? await findPlugin(api, given.text('plugin')) : null;
    const change = given.has('config')
      ? { connectorConfiguration: connectorConfig(given.text('config')) }
      : {
          ...(hasCapacity ? { capacity } : {}),
          ...(plugin ? { plugins: [{ customPlugin: { customPluginArn: plugin.arn, revision: 1 } }] } : {}),
        };
    const { connectorOperationArn } = await api.send('PUT', ['v1', 'connectors', arn], {
      currentVersion,
      ...change,
    });
    const operation = await operationOf(api, connectorOperationArn, !given.switched('no-wait'));
    if (given.switched('json')) output.line(JSON.stringify(operation));
    else output.line(`The update of ${connector.name} is ${String(operation.connectorOperationState)}.`);
    refuseFailed(operation, 'The update');
    return 0;
  },
};
