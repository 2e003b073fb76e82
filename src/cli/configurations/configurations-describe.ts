import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findConfiguration } from './configurations.ts';

const MOST_REVISIONS = 1_000_000;

export const configurationsDescribe: Command = {
  name: 'configurations describe',
  summary: 'Show one revision of a configuration: the latest, or another one.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    revision: { value: 'N', help: 'The revision. Default: the latest.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { arn, name, latestRevision, raw } = await findConfiguration(api, given.words[0] ?? '');
    const number = given.has('revision')
      ? given.integer('revision', { min: 1, max: MOST_REVISIONS })
      : latestRevision;
    const revision = await api.send('GET', ['v1', 'configurations', arn, 'revisions', String(number)]);
    const text = Buffer.from(String(revision.serverProperties), 'base64').toString();
    if (given.switched('json')) {
      output.line(JSON.stringify({ ...raw, revision: number, serverProperties: text }));
      return 0;
    }
    const said = typeof revision.description === 'string' ? `: ${revision.description}` : '';
    output.line(`# ${name}, revision ${number} of ${latestRevision}${said}`);
    output.line(`# ${arn}`);
    output.line(text.replace(/\n$/, ''));
    return 0;
  },
};
