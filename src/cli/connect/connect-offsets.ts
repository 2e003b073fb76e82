import { readFileSync } from 'node:fs';
import { withoutByteOrderMark } from '../../base/byte-order-mark.ts';
import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { type Output, table } from '../output.ts';
import { type ConnectorView, findConnector, whileIn } from './connectors.ts';

const POLL_MS = 250;
/** Workers of Kafka Connect stop tasks after they have answered. */
const STOPS_MS = 30_000;
/** What they refuse changes with until then. */
const STILL_STOPPING = /in the STOPPED state|haven't stopped completely|tasks of the connector run/;

export const connectOffsets: Command = {
  name: 'connect offsets',
  summary:
    'Show where a connector is in what it reads. With --reset or --to, its tasks are stopped, its offsets are changed, and they go on if they ran.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    reset: { help: 'Forget all offsets: it begins as a connector that was never there.' },
    to: {
      value: 'FILE',
      help: 'Set the offsets in a file, which has them as --json prints them; null as an offset forgets one.',
    },
    ...YES_OPTION,
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    if (given.switched('reset') && given.has('to'))
      throw new Failure('Say one of --reset and --to.', { exit: 'usage' });
    const api = new ApiClient(given.text('api'));
    const wanted = given.has('to') ? offsetsOf(given.text('to')) : null;
    const connector = await findConnector(api, given.words[0] ?? '');
    const path = ['connect', 'connectors', connector.name, 'offsets'];
    const read = () => api.send('GET', path);
    const isChange = given.switched('reset') || wanted !== null;
    if (isChange)
      await confirm(
        given,
        `This changes where ${connector.name} goes on: records may be read again, or never.`,
        connector.name,
      );
    const change = async () => {
      if (wanted === null) await api.send('DELETE', path);
      else await api.send('PATCH', path, wanted);
      return read();
    };
    const offsets = isChange ? await whileStopped(api, connector, change) : await read();
    show(offsets, given.switched('json'), output);
    return 0;
  },
};

type Answer = Readonly<Record<string, unknown>>;

/**
 * Resolves with what the change does, when it is done; it goes on as before, also where the change is
 * refused.
 */
async function whileStopped(
  api: ApiClient,
  { arn, name, state }: ConnectorView,
  change: () => Promise<Answer>,
): Promise<Answer> {
  await api.send('PUT', ['connect', 'connectors', name, 'stop']);
  try {
    return await untilStopped(change);
  } finally {
    if (state === 'RUNNING') {
      await api.send('PUT', ['connect', 'connectors', name, 'resume']);
      await whileIn(api, arn, ['PAUSED', 'RESUMING']);
    }
  }
}

async function untilStopped(change: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + STOPS_MS;
  for (;;)
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Failure && STILL_STOPPING.test(error.message)) || performance.now() > deadline)
        throw error;
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
}

function show(answer: Answer, isJson: boolean, output: Output): void {
  if (isJson) {
    output.line(plainJsonText(answer));
    return;
  }
  const offsets = Array.isArray(answer.offsets) ? answer.offsets : [];
  if (offsets.length === 0) output.line('It has no offsets.');
  else
    for (const line of table([
      ['PARTITION', 'OFFSET'],
      ...offsets.map(({ partition, offset }) => [plainJsonText(partition), plainJsonText(offset)]),
    ]))
      output.line(line);
}

function offsetsOf(file: string): Answer {
  try {
    const json: unknown = readPlainJson(withoutByteOrderMark(readFileSync(file, 'utf8')));
    if (typeof json === 'object' && json !== null && 'offsets' in json) return { offsets: json.offsets };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Failure(`The file ${file} cannot be read: ${error.message}.`, { cause: error });
  }
  throw new Failure(
    `${file} has no offsets: it must be as "millrace connect offsets NAME --json" prints it.`,
  );
}
