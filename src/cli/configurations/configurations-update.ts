import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findConfiguration, serverProperties } from './configurations.ts';

export const configurationsUpdate: Command = {
  name: 'configurations update',
  summary: 'Add a revision to a configuration. Clusters keep theirs until "clusters update".',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    file: { value: 'FILE', help: "Properties, in the syntax of Kafka's server.properties." },
    description: { value: 'TEXT', help: 'Of this revision.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { arn, name, latestRevision } = await findConfiguration(api, given.words[0] ?? '');
    const made = await api.send('PUT', ['v1', 'configurations', arn], {
      serverProperties: serverProperties(given.text('file')),
      description: given.maybe('description'),
    });
    output.line(
      given.switched('json')
        ? JSON.stringify(made)
        : `${name} has revision ${latestRevision + 1}: give it to a cluster with "millrace clusters update CLUSTER --configuration ${name}".`,
    );
    return 0;
  },
};
