import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { brokerProcess, eventually, killProcessesNaming, Millrace } from '../support/millrace.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

const started: Millrace[] = [];

afterEach(async () => {
  for (const { child, data } of started.splice(0)) {
    if (child.exitCode === null) child.kill('SIGKILL');
    await killProcessesNaming(data);
    rmSync(data, { recursive: true, force: true });
  }
});

async function up(args: readonly string[], earlier?: Millrace): Promise<Millrace> {
  const millrace = await Millrace.up(args, earlier);
  started.push(millrace);
  return millrace;
}

async function strike(millrace: Millrace, body: object): Promise<void> {
  const arn = encodeURIComponent(millrace.ready.clusters[0]?.arn ?? '');
  const url = `${millrace.ready.api}/millrace/v1/clusters/${arn}/faults`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  await answered(200, response);
}

test('a broker that is paused for longer than the deadline is killed and started again', async () => {
  const millrace = await up(['--brokers', '1', '--hung-after', '5']);
  const before = brokerProcess(millrace.data, 1);
  await strike(millrace, { broker: 1, action: 'pause' });
  await eventually('another process serves', () => {
    const now = brokerProcess(millrace.data, 1);
    return now !== null && now !== before;
  });
  await millrace.stop();
});

test('a zone that is down stays down, also over a restart of Millrace, until it is up', async () => {
  const first = await up([]);
  await strike(first, { zone: 2, action: 'down' });
  expect(brokerProcess(first.data, 2)).toBeNull();
  await first.stop();
  const second = await up([], first);
  const { stdout } = spawnSync(process.execPath, [PROGRAM, 'status', '--api', second.ready.api], {
    encoding: 'utf8',
  });
  expect(stdout).toContain('"millrace fault zone 2 up --cluster demo" ends that');
  expect([1, 2, 3].map((id) => brokerProcess(second.data, id) !== null)).toEqual([true, false, true]);
  await strike(second, { zone: 2, action: 'up' });
  await eventually('its broker runs', () => brokerProcess(second.data, 2) !== null);
  await second.stop();
});

test('a zone that is let up in the second in which it was taken down runs again', async () => {
  const millrace = await up([]);
  for (let round = 0; round < 3; round++) {
    const down = strike(millrace, { zone: 2, action: 'down' });
    const letUp = strike(millrace, { zone: 2, action: 'up' });
    await Promise.all([down, letUp]);
  }
  await strike(millrace, { zone: 2, action: 'up' });
  await eventually('its broker runs', () => brokerProcess(millrace.data, 2) !== null);
  await eventually('the cluster is ACTIVE', async () => {
    const answer = await fetch(`${millrace.ready.api}/v1/clusters`);
    return JSON.stringify(await answer.json()).includes('"state":"ACTIVE"');
  });
  await millrace.stop();
});

test('while a broker hangs, describe and status say at once that it is down, and how the others do', async () => {
  const millrace = await up(['--brokers', '3', '--hung-after', '86400']);
  await strike(millrace, { broker: 2, action: 'pause' });
  const cli = (...words: string[]) => {
    const args = [PROGRAM, ...words, '--api', millrace.ready.api];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { stdout, stderr, status };
  };
  expect(cli('clusters', 'describe', 'demo')).toEqual({
    stdout: expect.stringMatching(/^1 .* up .*\n2 .* down .*\n3 .* up /m),
    stderr: '',
    status: 0,
  });
  expect(cli('status')).toEqual({
    stdout: expect.stringMatching(/^demo .* 2 of 3 (?:.|\n)*Broker 2 of demo is down\./m),
    stderr: '',
    status: 5,
  });
  await strike(millrace, { broker: 2, action: 'resume' });
  await eventually('nothing is wrong', () => cli('status').status === 0);
  await millrace.stop();
});
