import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { serverProperties } from './configurations.ts';

export const configurationsCreate: Command = {
  name: 'configurations create',
  summary: 'Create a configuration; clusters take it with "clusters create" or "clusters update".',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: {
    file: { value: 'FILE', help: "Properties, in the syntax of Kafka's server.properties." },
    description: { value: 'TEXT', help: 'Of this revision.' },
    'kafka-version': {
      value: 'VERSION',
      help: 'Only for clusters of this version; may be given again. Default: all.',
      repeats: true,
    },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [name = ''] = given.words;
    const made = await api.send('POST', ['v1', 'configurations'], {
      name,
      serverProperties: serverProperties(given.text('file')),
      kafkaVersions: given.all('kafka-version'),
      description: given.maybe('description'),
    });
    output.line(given.switched('json') ? JSON.stringify(made) : `${name} has revision 1: ${made.arn}`);
    return 0;
  },
};
