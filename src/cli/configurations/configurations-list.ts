import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { listConfigurations } from './configurations.ts';

export const configurationsList: Command = {
  name: 'configurations list',
  summary: 'List all configurations.',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const all = await listConfigurations(new ApiClient(given.text('api')));
    if (given.switched('json')) output.line(JSON.stringify(all.map(({ raw }) => raw)));
    else if (all.length === 0)
      output.line(
        'There is no configuration: make one with "millrace configurations create NAME --file FILE".',
      );
    else
      for (const line of table([
        ['NAME', 'REVISIONS', 'KAFKA'],
        ...all.map((one) => [one.name, String(one.latestRevision), one.kafkaVersions.join(', ') || 'all']),
      ]))
        output.line(line);
    return 0;
  },
};
