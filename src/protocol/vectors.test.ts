import { describe, expect, test } from 'vitest';
import { decodeGroupRecord, encodeGroupRecord } from '../coordinator/group/records.ts';
import { decodeTransactionRecord, encodeTransactionRecord } from '../coordinator/transaction/records.ts';
import { decodeMetadataRecord, encodeMetadataRecord } from '../metadata/records.ts';
import type { AnyApi } from './api.ts';
import { apis } from './apis.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment } from './consumer-protocol.ts';
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
} from './headers.ts';
import { ProtocolError, Reader } from './reader.ts';
import { decodeRaftControl, encodeRaftControl } from './records/raft-control.ts';
import { Writer } from './writer.ts';

/** Bytes written out by hand from the protocol's description, since a codec always agrees with itself. */

function hex(...parts: string[]): Buffer {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

function text(value: string): string {
  return Buffer.from(value).toString('hex');
}

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const TOPIC_ID_HEX = '00000000000000000000000000000001';

function checkRequest(api: AnyApi, version: number, bytes: Buffer, message: object): void {
  const codec = api.request(version);
  expect(codec.decode(new Reader(bytes))).toMatchObject(message);
  const writer = new Writer();
  codec.encode(writer, codec.decode(new Reader(bytes)));
  expect(writer.done().toString('hex')).toBe(bytes.toString('hex'));
}

function checkResponse(api: AnyApi, version: number, bytes: Buffer, message: object): void {
  const codec = api.response(version);
  const writer = new Writer();
  codec.encode(writer, message);
  expect(writer.done().toString('hex')).toBe(bytes.toString('hex'));
  expect(codec.decode(new Reader(bytes))).toMatchObject(message);
}

describe('headers', () => {
  test('of a flexible request: the client id keeps its two-byte length, tags follow', () => {
    const bytes = hex('0012 0003 00000001 0007', text('rdkafka'), '00');
    const reader = new Reader(bytes);
    expect(decodeRequestHeader(reader)).toEqual({
      apiKey: 18,
      apiVersion: 3,
      correlationId: 1,
      clientId: 'rdkafka',
    });
    expect(reader.remaining).toBe(0);
    const writer = new Writer();
    encodeRequestHeader(writer, apis.apiVersions, 3, 1, 'rdkafka');
    expect(writer.done()).toEqual(bytes);
  });

  test('of an older request: no tags; a null client id', () => {
    const bytes = hex('0003 0008 7fffffff ffff');
    const reader = new Reader(bytes);
    expect(decodeRequestHeader(reader)).toMatchObject({ correlationId: 0x7fffffff, clientId: null });
    expect(reader.remaining).toBe(0);
  });

  test('of an ApiVersions request newer than we know, so that it can be refused in an orderly way', () => {
    const reader = new Reader(hex('0012 0063 00000001 0001', text('c'), '00'));
    expect(decodeRequestHeader(reader)).toMatchObject({ apiKey: 18, apiVersion: 99, clientId: 'c' });
  });

  test('of an API nobody has', () => {
    expect(() => decodeRequestHeader(new Reader(hex('7000 0000 00000001 ffff')))).toThrow(ProtocolError);
    expect(() => decodeRequestHeader(new Reader(hex('0012 0003 0000')))).toThrow(ProtocolError);
  });

  test('a response to ApiVersions never has tags, other flexible responses do', () => {
    for (const [api, version, expected] of [
      [apis.apiVersions, 3, '00000005'],
      [apis.metadata, 8, '00000005'],
      [apis.metadata, 9, '0000000500'],
      [apis.saslHandshake, 1, '00000005'],
    ] as const) {
      const writer = new Writer();
      encodeResponseHeader(writer, api, version, 5);
      expect(writer.done().toString('hex')).toBe(expected);
      const reader = new Reader(hex(expected));
      expect(decodeResponseHeader(reader, api, version)).toEqual({ correlationId: 5 });
      expect(reader.remaining).toBe(0);
    }
  });
});

describe('messages', () => {
  test('ApiVersions v3, as librdkafka sends it', () => {
    const bytes = hex('0b', text('librdkafka'), '06', text('2.3.0'), '00');
    checkRequest(apis.apiVersions, 3, bytes, {
      clientSoftwareName: 'librdkafka',
      clientSoftwareVersion: '2.3.0',
    });
  });

  test('the answer to an ApiVersions request that is too new: UNSUPPORTED_VERSION in version 0', () => {
    checkResponse(apis.apiVersions, 0, hex('0023 00000001 0012 0000 0004'), {
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    });
  });

  test('ApiVersions v3 answers with features in tags 0, 1 and 2, in that order', () => {
    const features = `02 0e${text('group.version')} 0000 0001 00`;
    const finalized = `02 0e${text('group.version')} 0001 0001 00`;
    checkResponse(
      apis.apiVersions,
      3,
      hex(
        '0000 02 0012 0000 0004 00 00000000',
        '03',
        `00 14 ${features}`,
        '01 08 0000000000000007',
        `02 14 ${finalized}`,
      ),
      {
        errorCode: 0,
        apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
        finalizedFeaturesEpoch: 7,
        supportedFeatures: [{ name: 'group.version', minVersion: 0, maxVersion: 1 }],
        finalizedFeatures: [{ name: 'group.version', maxVersionLevel: 1, minVersionLevel: 1 }],
      },
    );
  });

  test('Produce v3 with one batch, not idempotent', () => {
    const bytes = hex('ffff ffff 00007530 00000001 0001', text('t'), '00000001 00000000 00000003 010203');
    checkRequest(apis.produce, 3, bytes, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 30_000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records: hex('010203') }] }],
    });
  });

  test('Produce v13: compact lengths, the topic by id', () => {
    const bytes = hex('00 ffff 00007530 02', TOPIC_ID_HEX, '02 00000000 04010203 00 00 00');
    checkRequest(apis.produce, 13, bytes, {
      topicData: [{ topicId: TOPIC_ID, partitionData: [{ index: 0, records: hex('010203') }] }],
    });
  });

  test('Fetch v13: a follower says who it is in tag 1 from v15 on, before that in the first field', () => {
    const rest = `000001f4 00000001 7fffffff 00 00000000 00000000 01 01 01`;
    checkRequest(apis.fetch, 13, hex('00000002', rest, '00'), { replicaId: 2, maxWaitMs: 500 });
    checkRequest(apis.fetch, 15, hex(rest, '01 01 0d 00000002 0000000000000009 00'), {
      replicaState: { replicaId: 2, replicaEpoch: 9 },
      maxWaitMs: 500,
    });
  });

  test('Fetch v12 tells a follower where its log diverges, in a tag of the partition', () => {
    checkResponse(
      apis.fetch,
      12,
      hex(
        '00000000 0000 00000000 02 02',
        text('t'),
        '02 00000000 0000',
        '000000000000000a 000000000000000a 0000000000000000',
        // no aborted transactions (null), no preferred replica, no records; diverging epoch 3 at offset 8
        '00 ffffffff 00 01 00 0d 00000003 0000000000000008 00 00 00',
      ),
      {
        responses: [
          {
            topic: 't',
            partitions: [
              {
                partitionIndex: 0,
                errorCode: 0,
                highWatermark: 10,
                lastStableOffset: 10,
                logStartOffset: 0,
                abortedTransactions: null,
                records: null,
                divergingEpoch: { epoch: 3, endOffset: 8 },
              },
            ],
          },
        ],
      },
    );
  });

  test('a follower without a high watermark of its own sends none, and reads as having no limit (KIP-1166)', () => {
    const partition = '00000000 ffffffff 0000000000000000 ffffffff ffffffffffffffff 00100000';
    const bytes = hex('000001f4 00000001 7fffffff 00 00000000 00000000 02', TOPIC_ID_HEX, '02', partition);
    checkRequest(apis.fetch, 18, Buffer.concat([bytes, hex('00 00 01 01 00')]), {
      topics: [{ topicId: TOPIC_ID, partitions: [{ highWatermark: Number.POSITIVE_INFINITY }] }],
    });
    checkRequest(apis.fetch, 18, Buffer.concat([bytes, hex('01 01 08 0000000000000005 00 01 01 00')]), {
      topics: [{ topicId: TOPIC_ID, partitions: [{ highWatermark: 5 }] }],
    });
  });

  test('ConsumerGroupHeartbeat v0: a struct that may be null is preceded by a byte', () => {
    const member = `00000000 0000 00 02${text('m')} 00000001 000003e8`;
    const answer = { errorCode: 0, memberId: 'm', memberEpoch: 1, heartbeatIntervalMs: 1000 };
    checkResponse(apis.consumerGroupHeartbeat, 0, hex(member, 'ff 00'), { ...answer, assignment: null });
    checkResponse(
      apis.consumerGroupHeartbeat,
      0,
      hex(member, '01 02', TOPIC_ID_HEX, '02 00000000 00 00 00'),
      { ...answer, assignment: { topicPartitions: [{ topicId: TOPIC_ID, partitions: [0] }] } },
    );
  });

  test('a tag that we do not know is skipped', () => {
    const reader = new Reader(hex('02 61 02 62', '01 c8 01 03 aabbcc'));
    expect(apis.apiVersions.request(3).decode(reader)).toMatchObject({
      clientSoftwareName: 'a',
      clientSoftwareVersion: 'b',
    });
    expect(reader.remaining).toBe(0);
  });
});

describe('records', () => {
  test('of the metadata log', () => {
    const topic = hex('01 02 00 04', text('foo'), TOPIC_ID_HEX, '00');
    expect(decodeMetadataRecord(topic)).toEqual({ type: 'TopicRecord', name: 'foo', topicId: TOPIC_ID });
    expect(encodeMetadataRecord({ type: 'TopicRecord', name: 'foo', topicId: TOPIC_ID })).toEqual(topic);

    const change = hex('01 05 00 00000000', TOPIC_ID_HEX, '02 00 09 03 00000001 00000002 01 04 00000001');
    expect(decodeMetadataRecord(change)).toMatchObject({
      type: 'PartitionChangeRecord',
      partitionId: 0,
      isr: [1, 2],
      leader: 1,
      replicas: null,
    });
    const same = { type: 'PartitionChangeRecord', partitionId: 0, topicId: TOPIC_ID, isr: [1, 2], leader: 1 };
    expect(encodeMetadataRecord({ ...same, type: 'PartitionChangeRecord' }, 0)).toEqual(change);
  });

  test('of the metadata log that are unknown are refused', () => {
    for (const bad of ['00 02 00', '01 63 00', '01 02 09', '01 02 00 04', '01 14 00 00 00'])
      expect(() => decodeMetadataRecord(hex(bad)), bad).toThrow(ProtocolError);
  });

  test('of a committed offset', () => {
    const key = hex('0001 0001', text('g'), '0001', text('t'), '00000003');
    const value = hex('0004 000000000000002a 00000005 01 000000000000007b 00');
    const record = {
      type: 'OffsetCommit',
      key: { group: 'g', topic: 't', partition: 3 },
      value: { offset: 42, leaderEpoch: 5, metadata: '', commitTimestamp: 123 },
    } as const;
    expect(encodeGroupRecord(record)).toEqual({ key, value });
    expect(decodeGroupRecord({ key, value })).toMatchObject(record);
    expect(decodeGroupRecord({ key, value: null })).toEqual({ ...record, value: null });
    const ofTopic = encodeGroupRecord({ ...record, value: { ...record.value, topicId: TOPIC_ID } });
    // Written by GroupCoordinatorRecordHelpers of Apache Kafka 4.3.1 from the same values.
    expect(ofTopic.value).toEqual(hex('0004000000000000002a0000000501000000000000007b010010', TOPIC_ID_HEX));
    const expiring = encodeGroupRecord({ ...record, value: { ...record.value, expireTimestamp: 456 } });
    expect(expiring.value).toEqual(hex('0001 000000000000002a 0000 000000000000007b 00000000000001c8'));
  });

  test('of a group type that we do not know are left alone', () => {
    expect(decodeGroupRecord({ key: hex('007f 0001', text('g')), value: hex('0000') })).toBeNull();
  });

  test('of a member that uses the consumer protocol: no classic metadata is said in a tag', () => {
    const record = {
      type: 'ConsumerGroupMemberMetadata',
      key: { groupId: 'g', memberId: 'm' },
      value: {
        instanceId: null,
        rackId: null,
        clientId: '',
        clientHost: '',
        subscribedTopicNames: [],
        subscribedTopicRegex: null,
        serverAssignor: null,
        classicMemberMetadata: null,
      },
    } as const;
    const encoded = {
      key: hex('0005 0001', text('g'), '0001', text('m')),
      value: hex('0000 00 00 01 01 01 00 ffffffff 00 01 00 01 00'),
    };
    expect(encodeGroupRecord(record)).toEqual(encoded);
    expect(decodeGroupRecord(encoded)).toMatchObject(record);
  });

  test('of a transaction', () => {
    const record = {
      type: 'TransactionLog',
      key: { transactionalId: 'x' },
      value: {
        producerId: 7,
        producerEpoch: 1,
        transactionTimeoutMs: 60_000,
        transactionStatus: 0,
        transactionPartitions: null,
        transactionLastUpdateTimestampMs: 2,
        transactionStartTimestampMs: -1,
        clientTransactionVersion: 2,
      },
    } as const;
    const encoded = {
      key: hex('0000 0001', text('x')),
      value: hex(
        '0001 0000000000000007 0001 0000ea60 00 00',
        '0000000000000002 ffffffffffffffff 01 02 02 0002',
      ),
    };
    expect(encodeTransactionRecord(record)).toEqual(encoded);
    expect(decodeTransactionRecord(encoded)).toMatchObject(record);
  });

  test('of the quorum: who leads', () => {
    const record = {
      type: 'LEADER_CHANGE',
      version: 0,
      leaderId: 1,
      voters: [{ voterId: 1 }],
      grantingVoters: [{ voterId: 1 }],
    } as const;
    const encoded = { key: hex('0000 0002'), value: hex('0000 00000001 02 00000001 00 02 00000001 00 00') };
    expect(encodeRaftControl(record)).toEqual(encoded);
    expect(decodeRaftControl(encoded)).toMatchObject(record);
  });

  test('of the consumer protocol', () => {
    expect(decodeSubscription(hex('0000 00000001 0001', text('t'), 'ffffffff'))).toEqual({
      topics: ['t'],
      userData: null,
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    });
    const assignment = hex('0000 00000001 0001', text('t'), '00000001 00000002 ffffffff');
    const assigned = { assignedPartitions: [{ topic: 't', partitions: [2] }], userData: null };
    expect(decodeAssignment(assignment)).toEqual(assigned);
    expect(encodeAssignment(assigned, 0)).toEqual(assignment);
  });
});
