import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { namedOrOnly } from './clusters.ts';

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  broker: ['kill', 'pause', 'resume'],
  zone: ['down', 'up'],
};

export const fault: Command = {
  name: 'fault',
  summary: 'Cause an outage, to see how an application behaves in it.',
  takes: 'broker N kill|pause|resume, or zone Z down|up',
  words: { min: 3, max: 3 },
  completes: ([kind = '', number]) => {
    if (kind === '') return Object.keys(ACTIONS);
    if (kind !== 'broker' && kind !== 'zone') return null;
    return number === undefined ? kind : (ACTIONS[kind] ?? null);
  },
  options: {
    cluster: { value: 'NAME', help: 'The cluster. Default: the only one, or demo where there are several.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'Zones count from 1: broker 1 is in zone 1, broker 2 in zone 2, and so on in turn.',
  async run(given, output) {
    const [kind = '', number = '', action = ''] = given.words;
    if (!ACTIONS[kind]?.includes(action) || !/^\d{1,4}$/.test(number))
      throw new Failure(
        `millrace fault takes ${this.takes}, with numbers from 1 for N and Z: see millrace fault --help.`,
        { exit: 'usage' },
      );
    const api = new ApiClient(given.text('api'));
    const { clusterArn } = await namedOrOnly(api, given.maybe('cluster'));
    const answer = await api.send('POST', ['millrace', 'v1', 'clusters', clusterArn, 'faults'], {
      [kind]: Number(number),
      action,
    });
    if (given.switched('json')) output.line(JSON.stringify(answer));
    else {
      output.line(String(answer.did));
      output.line(`To undo it: ${String(answer.undo)}`);
    }
    return 0;
  },
};
