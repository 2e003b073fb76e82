import { afterEach, beforeEach, expect, test } from 'vitest';
import { clustersReboot } from '../../src/cli/clusters/clusters-reboot.ts';
import { fault } from '../../src/cli/clusters/fault.ts';
import { namesOf } from '../../src/cli/completion/ask-names.ts';
import { configsDescribe } from '../../src/cli/kafka/configs-describe.ts';
import type { ConnectKafka } from '../../src/cli/kafka/kafka-target.ts';
import { logs } from '../../src/cli/logs/logs.ts';
import { run } from '../../src/cli/run.ts';
import { ApiHarness } from './api-harness.ts';
import { createActive } from './orders-cluster.ts';

/** What a shell offers is asked from the Millrace that runs. */

const connect: ConnectKafka = () => {
  throw new Error('no broker is asked here');
};
/** The nodes of a data folder with two clusters. */
const nodesIn = () =>
  [
    { cluster: 'orders', node: 'controller' },
    { cluster: 'orders', node: 'broker-1' },
    { cluster: 'small', node: 'controller' },
    { cluster: 'small', node: 'broker-4' },
  ].map((node) => ({ ...node, log: 'none', config: 'none' }));
const commands = [clustersReboot, fault, configsDescribe(connect), logs(nodesIn)];

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api[Symbol.asyncDispose]());

async function complete(line: string): Promise<string[]> {
  const [command = '', ...rest] = line.split(' ');
  const lines: string[] = [];
  const program = {
    version: '1',
    commands: commands.map((one) => ({ ...one, load: async () => one })),
    askNames: namesOf(connect, nodesIn),
  };
  const words = rest.slice(0, -1);
  const place = ['--api', api.control.url];
  // The options stand before the word that is being typed.
  await run(program, ['__complete', command, ...words, ...place, rest.at(-1) ?? ''], {
    line: (text) => void lines.push(text),
    complain: (text) => expect.fail(text),
    onUnheard() {},
  });
  return lines.map((text) => text.split('\t')[0] ?? '');
}

test('numbers of brokers and zones are those of the cluster that is meant', async () => {
  await createActive(api);
  expect(await complete('fault broker ')).toEqual(['1', '2', '3']);
  expect(await complete('fault zone ')).toEqual(['1', '2', '3']);
  expect(await complete('fault broker 2 ')).toEqual(['kill', 'pause', 'resume']);
  await createActive(api, {
    ClusterName: 'small',
    NumberOfBrokerNodes: 4,
    BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['subnet-a', 'subnet-b'] },
  });
  expect(await complete('fault --cluster small broker ')).toEqual(['1', '2', '3', '4']);
  expect(await complete('fault --cluster small zone ')).toEqual(['1', '2']);
  expect(await complete('clusters reboot small ')).toEqual(['1', '2', '3', '4']);
  expect(await complete('clusters reboot orders ')).toEqual(['1', '2', '3']);
  expect(await complete('configs describe --cluster small broker ')).toEqual(['1', '2', '3', '4']);
  // Nothing says which of the two is meant.
  expect(await complete('fault broker ')).toEqual([]);
});

test('nodes are those whose logs there are in the data folder', async () => {
  expect(await complete('logs ')).toEqual(['server', 'controller', 'broker-1', 'broker-4']);
  expect(await complete('logs b')).toEqual(['broker-1', 'broker-4']);
  expect(await complete('logs --cluster small ')).toEqual(['controller', 'broker-4']);
});
