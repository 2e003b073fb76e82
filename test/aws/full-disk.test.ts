import { Kafka, logLevel, type Producer } from 'kafkajs';
import { afterEach, expect, test } from 'vitest';
import { SmallDisk } from '../faults/small-disk.ts';
import { answered } from '../support/answered.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

const TOPIC = 'on-a-full-disk';
/** Room for the logs, which begin small, and little more. */
const DISK_MEGABYTES = 96;
/**
 * Milliseconds from free space on the disk to a cluster that serves, without an operator: restarts wait 15 s
 * at most, and a busy machine takes as long again and again.
 */
const RECOVERED_MS = 180_000;

let millrace: Millrace;
let disk: SmallDisk | null = null;

afterEach(async () => {
  await millrace.stop();
  disk?.remove();
  await millrace[Symbol.asyncDispose]();
});

const notRoot = process.getuid?.() === 0 ? '' : ' (a file system is mounted by root alone)';

test.skipIf(notRoot !== '')(
  `a disk that is full stops neither the control plane nor the way back when there is room again${notRoot}`,
  async () => {
    const first = await Millrace.up(['--brokers', '3']);
    millrace = first;
    await first.stop();
    disk = SmallDisk.under(first.data, DISK_MEGABYTES);
    millrace = await Millrace.up(['--brokers', '3'], first);
    const { api, clusters } = millrace.ready;
    const bootstrap = clusters[0]?.bootstrap.split(',') ?? [];
    await eventually('it takes records', () => takesRecords(bootstrap));

    await disk.fill();
    // Brokers that cannot write end; one that is also killed is started again while the disk is full.
    await takesRecords(bootstrap);
    const broker = brokerProcess(millrace.data, 2);
    if (broker !== null) process.kill(broker, 'SIGKILL');
    const created = await fetch(`${api}/v1/clusters`, { method: 'POST', body: creation('another') });
    await answered(503, created);
    expect(created.headers.get('x-amzn-errortype')).toBe('ServiceUnavailableException');
    expect(await created.json()).toMatchObject({ message: expect.stringContaining('control.db') });
    for (let seconds = 0; seconds < 10; seconds++) {
      await new Promise((done) => setTimeout(done, 1000));
      await answered(200, fetch(`${api}/v1/clusters`));
    }
    expect(millrace.child.exitCode).toBeNull();

    disk.free();
    await eventually('it takes records again', () => takesRecords(bootstrap), RECOVERED_MS);
    await eventually('it is ACTIVE', async () => (await stateOf(api)) === 'ACTIVE', RECOVERED_MS);
    const again = await fetch(`${api}/v1/clusters`, { method: 'POST', body: creation('another') });
    await answered(200, again);
  },
);

function takesRecords(brokers: string[]): Promise<boolean> {
  return produce(brokers).then(
    () => true,
    () => false,
  );
}

async function produce(brokers: string[]): Promise<void> {
  const kafka = new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
    requestTimeout: 5000,
  });
  const producer: Producer = kafka.producer({ allowAutoTopicCreation: true });
  try {
    await producer.connect();
    await producer.send({
      topic: TOPIC,
      acks: -1,
      timeout: 4000,
      messages: [{ value: 'x'.repeat(100_000) }],
    });
  } finally {
    await producer.disconnect();
  }
}

async function stateOf(api: string): Promise<string | undefined> {
  const answer: unknown = await (await fetch(`${api}/v1/clusters`)).json();
  return /"state":"(\w+)"/.exec(JSON.stringify(answer))?.[1];
}

function creation(clusterName: string): string {
  return JSON.stringify({
    clusterName,
    kafkaVersion: '3.9.x.kraft',
    numberOfBrokerNodes: 2,
    brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['subnet-1', 'subnet-2'] },
    encryptionInfo: { encryptionInTransit: { clientBroker: 'PLAINTEXT', inCluster: false } },
  });
}
