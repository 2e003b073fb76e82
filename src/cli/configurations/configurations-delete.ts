import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { findConfiguration } from './configurations.ts';

export const configurationsDelete: Command = {
  name: 'configurations delete',
  summary: 'Delete a configuration with all its revisions; refused while a cluster has it.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...YES_OPTION, ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { arn, name } = await findConfiguration(api, given.words[0] ?? '');
    await confirm(given, `This deletes ${name} with all its revisions.`, name);
    const gone = await api.send('DELETE', ['v1', 'configurations', arn]);
    output.line(given.switched('json') ? JSON.stringify(gone) : `${name} is deleted.`);
    return 0;
  },
};
