import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION } from '../options.ts';

export const caRemove: Command = {
  name: 'ca remove',
  summary: 'Forget a CA of clients that no cluster believes any more.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION },
  async run(given, output) {
    const [name = ''] = given.words;
    await new ApiClient(given.text('api')).send('DELETE', ['millrace', 'v1', 'client-cas', name]);
    output.line(`${name} is removed.`);
    return 0;
  },
};
