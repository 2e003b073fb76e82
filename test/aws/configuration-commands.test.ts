import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clustersCreate } from '../../src/cli/clusters/clusters-create.ts';
import { clustersUpdate } from '../../src/cli/clusters/clusters-update.ts';
import { configurationsCreate } from '../../src/cli/configurations/configurations-create.ts';
import { configurationsDelete } from '../../src/cli/configurations/configurations-delete.ts';
import { configurationsDescribe } from '../../src/cli/configurations/configurations-describe.ts';
import { configurationsList } from '../../src/cli/configurations/configurations-list.ts';
import { configurationsUpdate } from '../../src/cli/configurations/configurations-update.ts';
import { run } from '../../src/cli/run.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** The commands on configurations. */

const COMMANDS = [
  clustersCreate,
  clustersUpdate,
  configurationsCreate,
  configurationsDelete,
  configurationsDescribe,
  configurationsList,
  configurationsUpdate,
];

let api: ApiHarness;
let folder: string;
beforeEach(async () => {
  api = await ApiHarness.start(() => new FakeAccess([[1, 2, 3]]));
  folder = mkdtempSync(join(tmpdir(), 'millrace-configurations-'));
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** The output or the error of a command, without ids. */
async function millrace(line: string): Promise<string> {
  const printed: string[] = [];
  const commands = COMMANDS.map((command) => ({ ...command, load: async () => command }));
  await run({ version: '1', commands }, [...line.split(' '), '--api', api.control.url], {
    line: (text) => void printed.push(text),
    complain: (text) => void printed.push(text),
    onUnheard() {},
  });
  return printed.join('\n').replaceAll(/arn:aws:\S+/g, 'ARN');
}

function file(text: string): string {
  const path = join(folder, 'server.properties');
  writeFileSync(path, text);
  return path;
}

const revisionOf = (name: string) => {
  const cluster = api.control.store.clusters.byName(name);
  return cluster?.spec.configurationInfo?.revision;
};

test('a configuration is made, revised, shown, given to a cluster and deleted', async () => {
  expect(await millrace('configurations list')).toContain('There is no configuration');
  expect(await millrace(`configurations create fast --file ${file('num.partitions=3\n')}`)).toBe(
    'fast has revision 1: ARN',
  );
  expect(
    await millrace(`configurations update fast --file ${file('num.partitions=6\n')} --description more`),
  ).toBe(
    'fast has revision 2: give it to a cluster with "millrace clusters update CLUSTER --configuration fast".',
  );
  expect(await millrace('configurations list')).toBe('NAME  REVISIONS  KAFKA\nfast  2          all');
  expect(await millrace('configurations describe fast')).toBe(
    '# fast, revision 2 of 2: more\n# ARN\nnum.partitions=6',
  );
  expect(await millrace('configurations describe fast --revision 1')).toContain('num.partitions=3');
  await millrace('clusters create orders --configuration fast:1');
  expect(revisionOf('orders')).toBe(1);
  expect(await millrace('clusters update orders --configuration fast --preview')).toBe(
    'At once: nothing\nBy restarting every node, one after another: num.partitions\nWithout effect: nothing',
  );
  expect(await millrace('clusters update orders --configuration fast --queue')).toContain('UPDATE_COMPLETE');
  expect(revisionOf('orders')).toBe(2);
  expect(await millrace('configurations delete fast')).toContain('in use by one or more clusters');
});

test('a file alone is enough: it becomes a revision of the configuration named after the cluster', async () => {
  await millrace(`clusters create orders --config ${file('num.partitions=3')}`);
  expect(revisionOf('orders')).toBe(1);
  expect(await millrace(`clusters update orders --config ${file('message.max.bytes=8388608')}`)).toContain(
    'UPDATE_COMPLETE',
  );
  expect(revisionOf('orders')).toBe(2);
  expect(await millrace('configurations describe orders')).toContain('message.max.bytes=8388608');
});

test.each([
  ['configurations describe none', 'There is no configuration none'],
  ['configurations create a --file /nowhere', 'The file /nowhere cannot be read: there is no such file.'],
  ['configurations create a', 'The option --file is missing'],
  ['clusters create a --configuration none', 'There is no configuration none'],
  ['clusters create a --configuration b --config c', 'Say one of --configuration and --config.'],
])('%s', async (line, complaint) => {
  expect(await millrace(line)).toContain(complaint);
  expect(api.control.store.clusters.all()).toEqual([]);
});

test('what a file says wrong is told in the words of the API', async () => {
  expect(await millrace(`configurations create a --file ${file('log.dirs=/tmp')}`)).toContain(
    'The property log.dirs cannot be set by a configuration.',
  );
});
