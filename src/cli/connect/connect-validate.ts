import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { connectorConfig } from './connector-config.ts';

export const connectValidate: Command = {
  name: 'connect validate',
  summary:
    "Say all that is wrong with a connector's configuration, by its class; nothing is made. A class of a plugin is asked where a connector of that plugin runs.",
  options: {
    config: { value: 'FILE', help: "The connector's properties, with connector.class." },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const file = given.text('config');
    const configuration = connectorConfig(file);
    const type = configuration['connector.class'];
    if (type === undefined) throw new Failure(`${file} has no connector.class.`, { exit: 'usage' });
    // A connector is made with a name, which the file need not have.
    const answer = await new ApiClient(given.text('api')).send(
      'PUT',
      ['connect', 'connector-plugins', type, 'config', 'validate'],
      { name: 'validated', ...configuration },
    );
    const errors = errorsIn(answer);
    if (given.switched('json')) output.line(JSON.stringify(answer));
    else if (errors.length === 0) output.line(`Nothing is wrong with ${file}.`);
    else for (const [name, message] of errors) output.line(`${name}: ${message}`);
    return errors.length === 0 ? 0 : 1;
  },
};

/** By property, as Kafka Connect's REST interface has them. */
function errorsIn({ configs }: Readonly<Record<string, unknown>>): [string, string][] {
  if (!Array.isArray(configs)) return [];
  return configs.flatMap(({ value }: { value?: { name?: unknown; errors?: unknown } }) =>
    Array.isArray(value?.errors)
      ? value.errors.map((message): [string, string] => [String(value.name), String(message)])
      : [],
  );
}
