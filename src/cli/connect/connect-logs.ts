import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findConnector } from './connectors.ts';

/** The most that the API gives at a time. */
const MOST_BYTES = 1_048_576;
const POLL_MS = 500;

export const connectLogs: Command = {
  name: 'connect logs',
  summary: "Print the end of the logs of a connector's workers.",
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    follow: { short: 'f', help: 'Go on with what comes, until Ctrl-C.' },
    bytes: { value: 'N', help: 'Bytes to print of each log.', default: '65536' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const bytes = given.integer('bytes', { min: 1, max: MOST_BYTES });
    const { arn } = await findConnector(api, given.words[0] ?? '');
    let after = '';
    for (;;) {
      const query = after === '' ? { bytes } : { bytes: MOST_BYTES, after };
      const { workers } = await api.send('GET', ['millrace', 'v1', 'connectors', arn, 'logs'], query);
      const all = Array.isArray(workers) ? workers : [];
      const written = all.filter(({ text }) => text !== '');
      if (!given.switched('json'))
        for (const log of written)
          for (const line of String(log.text).trimEnd().split('\n')) output.line(`[${log.worker}] ${line}`);
      // Following, what has nothing new is not told again.
      else if (after === '' || written.length > 0) output.line(JSON.stringify(all));
      if (!given.switched('follow')) return 0;
      after = all.map(({ worker, position }) => `${worker}:${position}`).join(',');
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  },
};
