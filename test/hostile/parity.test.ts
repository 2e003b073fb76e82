import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { type Uuid, ZERO_UUID } from '../../src/base/brand.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { encodeRequestHeader } from '../../src/protocol/headers.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { type ApacheKafka, startApacheKafka } from '../support/apache-kafka.ts';
import { TransactionalWire } from '../support/transactional-wire.ts';
import { hostileInputs } from './raw-frames.ts';
import { sendRaw } from './send-raw.ts';

/** By input: the reason why Millrace and Kafka must differ. */
const DIFFERENCES: Record<string, string> = {
  'ApiVersions v0': 'each lists what it serves',
  'a Metadata request of -2 topics': 'each names its own brokers',
  'a decompression bomb': 'a compressed batch is stored unopened unless its keys matter; Kafka opens it',
};

/**
 * Milliseconds in which a peer ends what it ends, and those on a busy machine. Some inputs neither answers.
 */
const SHORT_MS = 3000;
const LONG_MS = 20_000;
/** For requests that both answer. */
const ANSWER_MS = 120_000;

let kafka: ApacheKafka;
let ours: StartedCluster;

beforeAll(async () => {
  if (!kafkaJars('tools')) return;
  [kafka, ours] = await Promise.all([startApacheKafka(), startCluster({ brokers: 1 })]);
  for (const bootstrap of [kafka.bootstrap, ours.bootstrap]) {
    await kafkaJs.createTopic?.(bootstrap, 'victim', 1);
    await kafkaJs.createTopic?.(bootstrap, 'orders', 3);
  }
});

afterAll(async () => {
  await Promise.all([kafka?.stop(), ours?.stop()]);
});

for (const { name, bytes } of hostileInputs('victim'))
  test.skipIf(!kafkaJars('tools'))(`${name}: the same end as with Apache Kafka`, async () => {
    const ends = (waitMs: number) =>
      Promise.all([kafka, ours].map(({ bootstrap }) => sendRaw(bootstrap, bytes, { waitMs })));
    let [theirs, outcome] = await ends(SHORT_MS);
    // Where one is only slow to end what the other has ended, a longer wait shows it.
    if (outcome?.closed !== theirs?.closed || outcome?.answer !== theirs?.answer)
      [theirs, outcome] = await ends(LONG_MS);
    if (name in DIFFERENCES) expect(outcome?.closed).toBe(theirs?.closed);
    else expect(outcome).toEqual(theirs);
  });

test.skipIf(!kafkaJars('tools'))(
  'the voters of the metadata log do not change, and that is said in the same bytes',
  async () => {
    const voterDirectoryId = 'AAAAAAAAAAAAAAAAAAAAAg' as Uuid;
    const listeners = [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }];
    const wishes = [
      { clusterId: null, voterId: 2, voterDirectoryId },
      { clusterId: null, voterId: -1, voterDirectoryId },
      { clusterId: null, voterId: 2, voterDirectoryId: ZERO_UUID },
    ];
    const frames = wishes.flatMap((wish) => [
      frameOf(apis.addRaftVoter, 0, { ...wish, timeoutMs: 60_000, listeners }),
      frameOf(apis.addRaftVoter, 1, { ...wish, timeoutMs: 60_000, listeners, ackWhenCommitted: true }),
      frameOf(apis.removeRaftVoter, 0, wish),
    ]);
    for (const frame of frames)
      expect(await sendRaw(ours.bootstrap, frame, { waitMs: ANSWER_MS })).toEqual(
        await sendRaw(kafka.bootstrap, frame, { waitMs: ANSWER_MS }),
      );
  },
);

// Without delegation.token.secret.key, on a listener where nobody signs in. franz-go guesses a broker's version
// by the APIs that it serves, and took one without these for Kafka 1.0.
test.skipIf(!kafkaJars('tools'))(
  'requests about delegation tokens are refused in the same bytes',
  async () => {
    const hmac = Buffer.from('hmac');
    const frames = [1, 2, 3].flatMap((version) => [
      frameOf(apis.createDelegationToken, version, {
        ...(version >= 3 && { ownerPrincipalType: null, ownerPrincipalName: null }),
        renewers: [],
        maxLifetimeMs: -1n,
      }),
      frameOf(apis.describeDelegationToken, version, { owners: null }),
      frameOf(apis.renewDelegationToken, Math.min(2, version), { hmac, renewPeriodMs: 1n }),
      frameOf(apis.expireDelegationToken, Math.min(2, version), { hmac, expiryTimePeriodMs: 1n }),
    ]);
    for (const frame of frames)
      expect(await sendRaw(ours.bootstrap, frame, { waitMs: ANSWER_MS })).toEqual(
        await sendRaw(kafka.bootstrap, frame, { waitMs: ANSWER_MS }),
      );
  },
);

test.skipIf(!kafkaJars('tools'))(
  'a producer that asks for its next epoch, in its transaction and after it',
  async () => {
    const answers = async (bootstrap: string) => {
      const wire = await TransactionalWire.open([bootstrap], 'bumps');
      const first = await wire.initProducerId();
      const relative = ({ error, producerId, producerEpoch }: Awaited<ReturnType<typeof wire.bumpEpoch>>) =>
        error === 'NONE' ? [producerId - first.producerId, producerEpoch] : error;
      const added = await wire.produce(12, { ...first, value: 'open' });
      const second = await wire.bumpEpoch(first);
      const again = await wire.bumpEpoch(first);
      const third = await wire.produce(12, { ...second, value: 'ended' });
      const ended = await wire.endTxn(5, second);
      const unheard = await wire.bumpEpoch(second);
      const newest = await wire.bumpEpoch(ended);
      const twice = await wire.bumpEpoch(ended);
      const old = await wire.bumpEpoch(first);
      await wire.close();
      return [added, third, ...[second, again, ended, unheard, newest, twice, old].map(relative)];
    };
    const theirs = await answers(kafka.bootstrap);
    expect(theirs.slice(0, 2)).toEqual(['NONE', 'NONE']);
    expect(await answers(ours.bootstrap)).toEqual(theirs);
  },
);

// @platformatic/kafka 2.12 sends producer 0 with epoch 0 if it has none, so it can use a transactional id
// only once.
test.skipIf(!kafkaJars('tools'))(
  'a producer that names a producer id or an epoch that was never its own',
  async () => {
    const answers = async (bootstrap: string) => {
      const wire = await TransactionalWire.open([bootstrap], 'strangers');
      const stranger = { producerId: 1_000_000, producerEpoch: 0 };
      const made = await wire.bumpEpoch(stranger);
      const whenEmpty = await wire.bumpEpoch(stranger);
      const withoutId = await wire.bumpEpoch({ ...made, producerId: -1 });
      const withoutEpoch = await wire.bumpEpoch({ ...made, producerEpoch: -1 });
      const tooNew = await wire.bumpEpoch({ ...made, producerEpoch: 7 });
      const added = await wire.produce(12, { ...made, value: 'open' });
      const whenOngoing = await wire.bumpEpoch(stranger);
      const ended = await wire.endTxn(5, made);
      const whenComplete = await wire.bumpEpoch(stranger);
      await wire.close();
      const asked = [whenEmpty, withoutId, withoutEpoch, tooNew, whenOngoing, whenComplete];
      const toldEpochs = [made, ended].map(({ error, producerEpoch }) => [error, producerEpoch]);
      return [
        made.producerId === stranger.producerId,
        added,
        ...toldEpochs,
        ...asked.map(({ error }) => error),
      ];
    };
    const theirs = await answers(kafka.bootstrap);
    expect(theirs).toContain('PRODUCER_FENCED');
    expect(await answers(ours.bootstrap)).toEqual(theirs);
  },
);

function frameOf(api: AnyApi, version: number, request: object): Buffer {
  const writer = new Writer();
  encodeRequestHeader(writer, api, version, 7, 'c');
  api.request(version).encode(writer, request);
  const body = writer.done();
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}
