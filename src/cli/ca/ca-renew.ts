import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

export const caRenew: Command = {
  name: 'ca renew',
  summary: 'Replace the CA that clients of encrypted clusters trust: first make another, then have it sign.',
  options: {
    ...API_OPTION,
    finish: { help: 'Clients trust the new one: brokers get certificates of it, while they run.' },
    nodes: {
      help: 'Replace the CAs by which the nodes of each cluster know each other instead; no client sees them.',
    },
    ...JSON_OPTION,
  },
  more: 'Give clients the output of "millrace ca export" between the two. Millrace begins by itself two years before a CA ends, and finishes a year later.',
  async run(given, output) {
    const finish = given.switched('finish');
    const nodes = given.switched('nodes');
    const asked = nodes ? { finish, nodes } : { finish };
    await new ApiClient(given.text('api')).send('POST', ['millrace', 'v1', 'ca', 'renewal'], asked);
    if (given.switched('json')) output.line(JSON.stringify({ finished: finish }));
    else if (nodes)
      output.line(
        'The nodes of each cluster with encryption between them believe another CA beside their own from now on. In 15 seconds it signs, and nothing restarts.',
      );
    else
      output.line(
        finish
          ? 'Brokers get certificates of the new CA. The former one is exported for another day.'
          : 'There is a new CA beside the one that signs. Give clients the output of "millrace ca export"; then "millrace ca renew --finish".',
      );
    return 0;
  },
};
