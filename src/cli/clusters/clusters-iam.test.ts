import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import type { Command } from '../command.ts';
import { topicsList } from '../kafka/topics-list.ts';
import { run } from '../run.ts';
import { clustersClientConfig } from './clusters-client-config.ts';
import { clustersPorts } from './clusters-ports.ts';

const ARN = 'arn:aws:kafka:eu-central-1:000000000000:cluster/orders/6ecf2b4a-d65b-4dd3-b3b9-6b4a3c2f7e11-1';
const BOOTSTRAP = 'localhost:9098,localhost:9108';

/** The API of an installation with one cluster, whose clients sign in by IAM alone. */
const server = createServer(({ url = '' }, response) => {
  const cluster = { clusterArn: ARN, clusterName: 'orders', state: 'ACTIVE' };
  const answer = url.endsWith('/bootstrap-brokers')
    ? { bootstrapBrokerStringSaslIam: BOOTSTRAP }
    : { clusterInfoList: [cluster], clusterInfo: cluster };
  response.end(JSON.stringify(answer));
});
let api: string;

beforeAll(async () => {
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  api = `http://127.0.0.1:${port}`;
});

afterAll(() => server.close());

async function told(command: Command, ...words: string[]) {
  const lines: string[] = [];
  const program = { version: '1', commands: [{ ...command, load: async () => command }] };
  const status = await run(program, [...command.name.split(' '), ...words, '--api', api], {
    line: (text) => void lines.push(text),
    complain: (text) => void lines.push(text),
    onUnheard() {},
  });
  return { status, text: lines.join('\n') };
}

describe('where clients sign in by IAM alone', () => {
  test.each(['java', 'console', 'kafkajs', 'python', 'go'])(
    'client-config prints for %s where the brokers are, and for which region clients sign',
    async (tool) => {
      const { status, text } = await told(clustersClientConfig, 'orders', '--tool', tool);
      expect(status).toBe(0);
      for (const broker of BOOTSTRAP.split(',')) expect(text).toContain(broker);
      expect(text).toContain('eu-central-1');
      expect(text).not.toMatch(/scram|PASSWORD/i);
    },
  );

  test('client-config says that kcat cannot', async () => {
    const { status, text } = await told(clustersClientConfig, 'orders', '--tool', 'kcat');
    expect(status).not.toBe(0);
    expect(text).toContain('kcat cannot sign in by IAM');
  });

  test('commands tell the addresses, and those that connect that they cannot', async () => {
    expect((await told(clustersPorts, 'orders', '--first', '9092')).text).toContain(BOOTSTRAP);
    const connects = topicsList(() => expect.unreachable('nobody can connect'));
    const { status, text } = await told(connects, '--cluster', 'orders');
    expect(status).not.toBe(0);
    expect(text).toContain('sign in by IAM, which this command does not');
  });
});
