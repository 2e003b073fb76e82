import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';

export const caRemove: Command = {
  name: 'ca remove',
  summary: 'Remove a CA for client certificates that no cluster uses.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: { ...YES_OPTION, ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const [name = ''] = given.words;
    await confirm(given, `Clusters will not believe certificates of ${name} any more.`, name);
    await new ApiClient(given.text('api')).send('DELETE', ['millrace', 'v1', 'client-cas', name]);
    output.line(given.switched('json') ? JSON.stringify({ name, removed: true }) : `${name} is removed.`);
    return 0;
  },
};
