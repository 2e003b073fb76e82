import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

export const caCreate: Command = {
  name: 'ca create',
  summary: 'Create a CA for client certificates. Its key stays in the data folder, sealed.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  more: 'The ARN that is printed goes into certificateAuthorityArnList of a cluster; "millrace ca issue" makes certificates.',
  async run(given, output) {
    const [name = ''] = given.words;
    const { arn } = await new ApiClient(given.text('api')).send('POST', ['millrace', 'v1', 'client-cas'], {
      name,
    });
    output.line(given.switched('json') ? JSON.stringify({ name, arn }) : String(arn));
    return 0;
  },
};
