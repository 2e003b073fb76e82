import { ApiClient } from '../api-client.ts';
import type { Command, Given } from '../command.ts';
import { configurationOf } from '../configurations/configuration-option.ts';
import { printConfigurationPlan } from '../configurations/configuration-plan.ts';
import { configurationInfo } from '../configurations/configurations.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { findCluster } from './clusters.ts';
import { printPlan } from './plan.ts';
import { printVersionPlan } from './version-plan.ts';
import { watchOperation } from './watch-operation.ts';

/** Of a volume on MSK. */
const MOST_VOLUME_GIB = 16_384;

const CHANGES = [
  'brokers',
  'instance-type',
  'rebalancing',
  'kafka-version',
  'configuration',
  'config',
  'volume-size',
] as const;

export const clustersUpdate: Command = {
  name: 'clusters update',
  summary:
    'Change the number, size, volumes, Kafka version or configuration of the brokers while clients work, and wait until that is done.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    brokers: {
      value: 'N',
      help: 'New broker count (a multiple of the zones). Partitions are moved automatically.',
    },
    'instance-type': { value: 'TYPE', help: 'New size of all brokers. They restart one after another.' },
    rebalancing: {
      value: 'on|off',
      choices: ['on', 'off'],
      help: 'Whether partitions are moved to added brokers.',
    },
    'kafka-version': {
      value: 'VERSION',
      help: 'Kafka version of all brokers; they restart one after another, and its features come last.',
    },
    configuration: {
      value: 'NAME[:REVISION]',
      help: 'A revision of a configuration; brokers restart only for what they read at their start.',
    },
    config: {
      value: 'FILE',
      help: 'Properties for the brokers: a new revision of the configuration named after the cluster.',
    },
    'volume-size': {
      value: 'GIB',
      help: 'New size of each broker\'s volume: 10 GiB more at least. Smaller ones need "millrace up --smaller-volumes".',
    },
    throttle: {
      value: 'BYTES',
      help: 'Limit for moving partitions, in bytes a second for each broker, now and later. "none" removes the limit.',
    },
    preview: {
      help: 'With --brokers: show what would move. With --configuration or --kafka-version: only say what would change, and how.',
    },
    queue: {
      help: 'Let the change wait on the server until those before it have ended, instead of being refused.',
    },
    'no-wait': { help: 'Return at once, while the cluster is UPDATING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'See also: millrace clusters operations, millrace clusters cancel.',
  async run(given, output) {
    const asked = CHANGES.filter((name) => given.has(name));
    if (asked.length > 1 || (asked.length === 0 && !given.has('throttle')))
      throw new Failure(
        'Say one of --brokers, --instance-type, --rebalancing, --kafka-version, --configuration, --config, --volume-size and --throttle at a time.',
        { exit: 'usage' },
      );
    const throttle = throttleOf(given);
    const api = new ApiClient(given.text('api'));
    const { clusterArn: arn, clusterName: name, raw } = await findCluster(api, given.words[0] ?? '');
    const json = given.switched('json');
    if (given.switched('preview') && given.has('configuration')) {
      await printConfigurationPlan(api, arn, await configurationInfo(api, given.text('configuration')), {
        json,
        output,
      });
      return 0;
    }
    if (given.switched('preview') && given.has('kafka-version')) {
      await printVersionPlan(api, arn, given.text('kafka-version'), { json, output });
      return 0;
    }
    if (given.switched('preview')) {
      await printPlan(api, arn, given.integer('brokers', { min: 1, max: 60 }), { json, output });
      return 0;
    }
    if (throttle !== undefined)
      await api.send('PUT', ['millrace', 'v1', 'clusters', arn, 'throttle'], { bytesPerSecond: throttle });
    const [change] = asked;
    if (!change) {
      output.line(
        json
          ? JSON.stringify({ name, arn, throttle })
          : `Moving partitions of ${name} is ${throttle === null ? 'not throttled any more' : `throttled to ${throttle} bytes a second for each broker`}.`,
      );
      return 0;
    }
    const body = bodyOf(change, given, await configurationOf(api, given, name));
    const { clusterOperationArn } = given.switched('queue')
      ? await api.send('POST', ['millrace', 'v1', 'clusters', arn, 'queue'], {
          operation: OPERATIONS[change].name,
          request: body,
        })
      : await api.send('PUT', ['v1', 'clusters', arn, ...OPERATIONS[change].path], {
          currentVersion: 'currentVersion' in raw ? raw.currentVersion : '',
          ...body,
        });
    return watchOperation(api, String(clusterOperationArn), {
      json,
      output,
      wait: !given.switched('no-wait'),
    });
  },
};

type Change = (typeof CHANGES)[number];

/** What each change asks of the API. */
const OPERATIONS: Readonly<Record<Change, { readonly name: string; readonly path: readonly string[] }>> = {
  brokers: { name: 'UpdateBrokerCount', path: ['nodes', 'count'] },
  'instance-type': { name: 'UpdateBrokerType', path: ['nodes', 'type'] },
  rebalancing: { name: 'UpdateRebalancing', path: ['rebalancing'] },
  'kafka-version': { name: 'UpdateClusterKafkaVersion', path: ['version'] },
  configuration: { name: 'UpdateClusterConfiguration', path: ['configuration'] },
  config: { name: 'UpdateClusterConfiguration', path: ['configuration'] },
  'volume-size': { name: 'UpdateStorage', path: ['storage'] },
};

function bodyOf(change: Change, given: Given, configurationInfo: object | null): object {
  switch (change) {
    case 'brokers':
      return { targetNumberOfBrokerNodes: given.integer('brokers', { min: 1, max: 60 }) };
    case 'instance-type':
      return { targetInstanceType: given.text('instance-type') };
    case 'rebalancing':
      return { rebalancing: { status: given.text('rebalancing') === 'on' ? 'ACTIVE' : 'PAUSED' } };
    case 'kafka-version':
      return { targetKafkaVersion: given.text('kafka-version') };
    case 'configuration':
    case 'config':
      return { configurationInfo };
    case 'volume-size':
      return { volumeSizeGB: given.integer('volume-size', { min: 1, max: MOST_VOLUME_GIB }) };
  }
}

/** Null ends the throttle; undefined leaves it as it is. */
function throttleOf(given: Given): number | null | undefined {
  const text = given.maybe('throttle');
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1)
    throw new Failure(`--throttle must be bytes a second or "none", not "${text}".`, { exit: 'usage' });
  return value;
}
