import { expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import type { BrokerPool } from './broker-pool.ts';
import { ClusterView } from './cluster-view.ts';
import type { HostAndPort } from './host-and-port.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const BOOTSTRAP = { host: 'bootstrap', port: 1 };

/** What brokers at these hosts say of the topic `t`; a host that is not there does not answer. */
type Answers = Record<string, { readonly errorCode?: number; readonly epoch?: number; readonly id?: string }>;

function viewOf(answers: Answers) {
  const asked: string[] = [];
  const connection = async ({ host }: HostAndPort) => {
    asked.push(host);
    const said = answers[host];
    if (!said) throw new KafkaClientError('NO_CONNECTION', `${host} does not answer`, { retriable: true });
    const { errorCode = 0, epoch = 1, id = TOPIC_ID } = said;
    const partition = {
      partitionIndex: 0,
      leaderId: epoch,
      leaderEpoch: epoch,
      replicaNodes: [],
      isrNodes: [],
    };
    const topics = [{ errorCode: 0, name: 't', topicId: id, isInternal: false, partitions: [partition] }];
    const brokers = [1, 2].map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 1, rack: null }));
    return { send: async () => ({ errorCode, clusterId: 'c', brokers, topics }) };
  };
  const pool = { connection } as unknown as BrokerPool;
  const options = { bootstrap: [BOOTSTRAP], requestTimeoutMs: 1000, ageMs: 60_000 };
  return { view: new ClusterView(nodeWorld(silent), pool, options), asked };
}

test('a broker that has fallen behind does not bring back a leader of before', async () => {
  const answers: Answers = { bootstrap: { epoch: 2 } };
  const { view } = viewOf(answers);
  await view.refresh(['t']);
  answers['broker-1'] = { epoch: 1 };
  await view.refresh();
  expect(view.leader('t', 0)?.id).toBe(2);
  answers['broker-1'] = { epoch: 1, id: 'AAAAAAAAAAAAAAAAAAAAAg' };
  await view.refresh();
  expect(view.leader('t', 0)?.id).toBe(1);
});

test('a broker that does not answer is asked after the others the next time', async () => {
  const { view, asked } = viewOf({ bootstrap: {}, 'broker-2': {} });
  for (let times = 0; times < 3; times++) await view.refresh(['t']);
  expect(asked).toEqual(['bootstrap', 'broker-1', 'broker-2', 'broker-2']);
});

test('where no known broker answers, those of the beginning are asked', async () => {
  const answers: Answers = { bootstrap: {} };
  const { view, asked } = viewOf(answers);
  await view.refresh(['t']);
  await view.refresh();
  expect(asked).toEqual(['bootstrap', 'broker-1', 'broker-2', 'bootstrap']);
});

test('a broker that asks for it has the client begin again', async () => {
  const answers: Answers = { bootstrap: {} };
  const { view, asked } = viewOf(answers);
  await view.refresh(['t']);
  answers['broker-1'] = { errorCode: 129 };
  answers['broker-2'] = {};
  await view.refresh();
  expect(asked).toEqual(['bootstrap', 'broker-1', 'bootstrap']);
});

test('where every broker asks for it, those of the beginning too, the client tries again later', async () => {
  const answers: Answers = { bootstrap: {} };
  const { view, asked } = viewOf(answers);
  await view.refresh(['t']);
  for (const host of ['broker-1', 'bootstrap']) answers[host] = { errorCode: 129 };
  await expect(view.refresh()).rejects.toMatchObject({ code: 'NO_CONNECTION', retriable: true });
  answers.bootstrap = {};
  await view.refresh();
  expect(asked).toEqual(['bootstrap', 'broker-1', 'bootstrap', 'bootstrap']);
});

test('a leader that is told with an error is known at once, unless it is the one of before', async () => {
  const { view } = viewOf({ bootstrap: { epoch: 1 } });
  await view.refresh(['t']);
  const target = { topic: 't', partition: 0 };
  const endpoint = { nodeId: 3, host: 'broker-3', port: 1, rack: null };
  expect(view.moved(target, { leaderId: 3, leaderEpoch: 1 }, [endpoint])).toBe(false);
  expect(view.moved(target, { leaderId: 4, leaderEpoch: 2 }, [endpoint])).toBe(false);
  expect(view.moved(target, { leaderId: -1, leaderEpoch: -1 }, [])).toBe(false);
  expect(view.leader('t', 0)?.id).toBe(1);
  expect(view.moved(target, { leaderId: 3, leaderEpoch: 2 }, [endpoint])).toBe(true);
  expect(view.leader('t', 0)).toEqual({ id: 3, host: 'broker-3', port: 1, rack: null });
});
