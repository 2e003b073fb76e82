import { ApiClient } from '../api-client.ts';
import type { Command, Option } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { operationOf, refuseFailed } from './connector-operation.ts';
import { findConnector } from './connectors.ts';

/** What is asked of a connector that is there, without more words. */
interface Toggle {
  readonly word: 'pause' | 'resume' | 'restart';
  readonly method: 'PUT' | 'POST';
  readonly summary: string;
  readonly options?: Readonly<Record<string, Option>>;
}

export const connectPause = toggle({
  word: 'pause',
  method: 'PUT',
  summary: 'Pause a connector: its tasks move nothing until it is resumed.',
});

export const connectResume = toggle({
  word: 'resume',
  method: 'PUT',
  summary: 'Resume a connector that was paused, and wait until its tasks run.',
});

export const connectRestart = toggle({
  word: 'restart',
  method: 'POST',
  summary: 'End all tasks of a connector, start them again, and wait until they run.',
  options: { 'only-failed': { help: 'Only those that have failed.' } },
});

function toggle({ word, method, summary, options = {} }: Toggle): Command {
  return {
    name: `connect ${word}`,
    summary,
    takes: 'NAME|ARN',
    words: { min: 1, max: 1 },
    options: {
      ...options,
      'no-wait': { help: 'Return at once, while the operation is under way.' },
      ...API_OPTION,
      ...JSON_OPTION,
    },
    async run(given, output) {
      const api = new ApiClient(given.text('api'));
      const { arn, name } = await findConnector(api, given.words[0] ?? '');
      const onlyFailed = 'only-failed' in options && given.switched('only-failed');
      const { connectorOperationArn } = await api.send(
        method,
        ['v1', 'connectors', arn, word],
        onlyFailed ? { onlyFailedTasks: 'true' } : undefined,
      );
      const operation = await operationOf(api, connectorOperationArn, !given.switched('no-wait'));
      if (given.switched('json')) output.line(JSON.stringify(operation));
      else output.line(`The ${word} of ${name} is ${String(operation.connectorOperationState)}.`);
      refuseFailed(operation, `The ${word}`);
      return 0;
    },
  };
}
