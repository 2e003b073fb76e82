import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { findConnector, whileIn } from './connectors.ts';

export const connectDelete: Command = {
  name: 'connect delete',
  summary: 'Delete a connector and wait until its workers are gone. Its topics stay.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    ...YES_OPTION,
    'no-wait': { help: 'Return at once, while the connector is DELETING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const { arn, name } = await findConnector(api, given.words[0] ?? '');
    await confirm(
      given,
      `This deletes the connector ${name} and where it had got to; its topics stay.`,
      name,
    );
    await api.send('DELETE', ['v1', 'connectors', arn]);
    let isGone = false;
    try {
      if (!given.switched('no-wait')) await whileIn(api, arn, ['DELETING']);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'NotFoundException') throw error;
      isGone = true;
    }
    if (given.switched('json'))
      output.line(JSON.stringify({ name, arn, state: isGone ? 'DELETED' : 'DELETING' }));
    else output.line(`${name} is ${isGone ? 'deleted' : 'DELETING'}.`);
    return 0;
  },
};
