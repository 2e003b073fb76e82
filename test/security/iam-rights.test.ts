import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryText } from '../../src/security/iam/directory-file.ts';
import * as known from '../../src/security/iam/testing/known-identities.ts';
import { bearerMessage } from '../../src/security/iam/testing/signed-messages.ts';
import { type IamBroker, kafkaOf, startIamBroker } from '../support/iam-broker.ts';
import { eventually } from '../support/millrace.ts';

/**
 * What a client may do that signed in by IAM, through the handlers of a broker and, for topics, of the
 * controller.
 */

const { clusterArn } = known.identities();
const arnOf = (kind: string, name: string) => `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;
const REFUSED = 'TOPIC_AUTHORIZATION_FAILED';
let broker: IamBroker;
let kafka: Kafka;

const CONNECT = { Effect: 'Allow', Action: 'kafka-cluster:Connect', Resource: clusterArn };
const DESCRIBE = {
  Effect: 'Allow',
  Action: 'kafka-cluster:DescribeTopic',
  Resource: arnOf('topic', 'mine*'),
};
const WRITE = {
  Effect: 'Allow',
  Action: ['kafka-cluster:CreateTopic', 'kafka-cluster:WriteData', 'kafka-cluster:WriteDataIdempotently'],
  Resource: [arnOf('topic', 'mine*'), clusterArn],
};

/** The users with these statements. */
function directory(...statements: object[]): string {
  return directoryText(known.identities(JSON.stringify({ Version: '2012-10-17', Statement: statements })));
}

beforeAll(async () => {
  broker = await startIamBroker(directory(CONNECT, DESCRIBE, WRITE));
  const host = `kafka.${known.REGION}.amazonaws.com`;
  kafka = kafkaOf(broker, {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => {
      const message = await bearerMessage({ ...known.KEY, host, region: known.REGION, at: Date.now() });
      return { value: /Bearer ([\w-]+)/.exec(String(message))?.[1] ?? '' };
    },
  });
});

afterAll(() => broker?.stop());

/** `done`, REFUSED, or what else went wrong. */
async function outcome(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    // kafkajs wraps what a topic was refused with in an error of the whole request.
    const all =
      error instanceof AggregateError || (error instanceof Error && 'errors' in error)
        ? error.errors
        : [error];
    return String(all).includes('Not authorized to access topics') ? REFUSED : String(error);
  }
}

test('is what policies allow, and ends with them on connections that are open', async () => {
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await admin.connect();
  await producer.connect();
  const create = (topic: string) => outcome(admin.createTopics({ topics: [{ topic }] }));
  const send = (topic: string) => outcome(producer.send({ topic, messages: [{ value: 'a' }] }));
  try {
    expect(await create('mine')).toBe('done');
    expect(await create('yours')).toBe(REFUSED);
    const open = new Kafka({ brokers: [broker.open], logLevel: logLevel.NOTHING }).admin();
    await open.connect();
    await open.createTopics({ topics: [{ topic: 'yours' }] });
    await open.disconnect();
    expect(await admin.listTopics()).toEqual(['mine']);
    expect(await send('mine')).toBe('done');
    expect(await send('yours')).toBe(REFUSED);
    broker.writeDirectory(directory(CONNECT, DESCRIBE));
    await eventually('nothing is written any more', async () => (await send('mine')) === REFUSED);
    expect(await create('mine-too')).toBe(REFUSED);
    const denial = broker.lines.find((line) => line.includes('"kafka-cluster:WriteData"'));
    expect(denial).toContain(`"principal":"IAM:${known.ALICE}"`);
    expect(denial).toContain(`"resource":"${arnOf('topic', 'mine')}","because":"no statement allows it"`);
    expect(await broker.metrics()).toMatch(/millrace_iam_denials_total\{rule="no statement"[^}]*\} [1-9]/);
  } finally {
    await producer.disconnect();
    await admin.disconnect();
  }
});

test('a topic that is missing is made for a producer whose policy lets it create topics, and for no other', async () => {
  const producer = kafka.producer();
  await producer.connect();
  const send = (topic: string) => outcome(producer.send({ topic, messages: [{ value: 'a' }] }));
  try {
    broker.writeDirectory(directory(CONNECT, DESCRIBE, { ...WRITE, Action: 'kafka-cluster:WriteData' }));
    await eventually('no topic is made', async () => (await send('mine-missing')) === REFUSED);
    broker.writeDirectory(directory(CONNECT, DESCRIBE, WRITE));
    await eventually('the topic is made and written', async () => (await send('mine-missing')) === 'done');
    expect(await send('yours-missing')).toBe(REFUSED);
  } finally {
    await producer.disconnect();
  }
});
