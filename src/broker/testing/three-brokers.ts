import { ImageDelta } from '../../metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../../metadata/image.ts';
import { completeMetadataRecord, type EncodableMetadataRecord } from '../../metadata/records.ts';
import type { Api } from '../../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import type { Authorize, Right } from '../../server/authorizer.ts';
import type { Handler, RequestInfo } from '../../server/handler.ts';

export const ORDERS = '0rdersAAAAAAAAAAAAAAAA';
export const CLICKS = 'cl1cksAAAAAAAAAAAAAAAA';

/** Three brokers with a listener for clients and one of their own; the third has only that. */
export const brokerRecords: readonly EncodableMetadataRecord[] = [1, 2, 3].map((brokerId) => ({
  type: 'RegisterBrokerRecord',
  brokerId,
  incarnationId: `incarnation${brokerId}AAAAAAAAAA`,
  brokerEpoch: brokerId,
  endPoints: [
    ...(brokerId === 3
      ? []
      : [{ name: 'CLIENT', host: `b${brokerId}.example`, port: 9090 + brokerId, securityProtocol: 0 }]),
    { name: 'REPLICATION', host: `r${brokerId}.example`, port: 9190 + brokerId, securityProtocol: 0 },
  ],
  features: [],
  rack: `zone-${brokerId}`,
  fenced: false,
  logDirs: [],
}));

export function topicRecords(
  name: string,
  topicId: string,
  partitions: readonly { replicas: number[]; isr?: number[]; leader: number }[],
): EncodableMetadataRecord[] {
  return [
    { type: 'TopicRecord', name, topicId },
    ...partitions.map(
      ({ replicas, isr, leader }, partitionId): EncodableMetadataRecord => ({
        type: 'PartitionRecord',
        topicId,
        partitionId,
        replicas,
        isr: isr ?? replicas,
        removingReplicas: [],
        addingReplicas: [],
        leader,
        leaderEpoch: 4,
        partitionEpoch: 7,
        directories: [],
      }),
    ),
  ];
}

export function imageOf(...records: readonly EncodableMetadataRecord[]): ClusterImage {
  const delta = new ImageDelta(emptyImage);
  for (const record of records) delta.replay(completeMetadataRecord(record));
  return delta.apply({ offset: records.length - 1, epoch: 1, timestamp: 0 });
}

/** Asks the handler over the wire: request and answer go through the codecs of the version. */
export async function ask<Context, Req extends Fields, Res extends Fields>(
  api: Api<Req, Res>,
  handler: Handler<Context>,
  context: Context,
  options: {
    readonly version: number;
    readonly request: Encodable<Req>;
    readonly authorize?: Authorize<Right>;
    readonly listenerName?: string;
    readonly principal?: string;
    /** Is given what the handler wants to run when its answer is written, or its client is gone. */
    readonly afterWrite?: (release: () => void) => void;
    /** For how long a heavy request may wait. */
    readonly waitMsMax?: number;
  },
): Promise<Decoded<Res>> {
  const asked = new Writer();
  api.request(options.version).encode(asked, options.request);
  const request = api.request(options.version).decode(new Reader(asked.done()));
  const answer = await handler.run(context, request, requestInfo(api.key, options));
  const answered = new Writer();
  api.response(options.version).encode(answered, answerOf<Res>(answer));
  return api.response(options.version).decode(new Reader(answered.done()));
}

/** Types are erased in a handler's answer; the codec that it goes through next refuses what does not fit. */
function answerOf<Res extends Fields>(answer: unknown): Encodable<Res> {
  if (typeof answer !== 'object' || answer === null) throw new Error('no answer');
  return answer as Encodable<Res>;
}

function requestInfo(
  apiKey: number,
  options: {
    readonly version: number;
    readonly authorize?: Authorize<Right>;
    readonly listenerName?: string;
    readonly principal?: string;
    readonly afterWrite?: (release: () => void) => void;
    /** For how long a heavy request may wait. */
    readonly waitMsMax?: number;
  },
): RequestInfo<Right> {
  return {
    apiKey,
    apiVersion: options.version,
    correlationId: 1,
    clientId: 'test',
    principal: options.principal ?? 'User:ANONYMOUS',
    clientHost: '127.0.0.1',
    isPeer: false,
    listener: 'client',
    listenerName: options.listenerName ?? 'CLIENT',
    connectionId: '1',
    connectionNumber: 1,
    authorize: options.authorize ?? (() => true),
    allows: options.authorize ?? (() => true),
    authorizeSome: () => true,
    iam: null,
    sasl: null,
    afterWrite: options.afterWrite ?? (() => undefined),
    requestBytes: 100,
    waitMsMax: options.waitMsMax ?? Number.POSITIVE_INFINITY,
    mute: () => undefined,
    output: { grant: (bytes) => bytes, holds: () => {}, whenRoom: () => () => {} },
  };
}
