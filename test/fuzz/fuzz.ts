import type { Random } from '../../src/base/random.ts';
import { Sfc32 } from '../../src/base/random.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { ProtocolError } from '../../src/protocol/reader.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { type KnownPlace, requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { UnencodableError } from '../../src/protocol/writer.ts';
import { alterBytes, alterMessage } from './alterations.ts';
import { lively } from './lively-groups.ts';
import { type ListenerName, listeners, NodeUnderFire } from './node-under-fire.ts';
import { populate } from './populated.ts';
import { endsAfter } from './run-length.ts';
import { decodeAnswer, placeFor, type ServedVersion, servedVersions } from './served.ts';
import { addTaggedFields } from './tagged-fields.ts';

export interface FuzzOutcome {
  readonly requests: number;
  /** Failures that no request may cause; empty if there are none. */
  readonly failures: readonly string[];
}

/** The number of requests between two checks of the healthy client. */
const ROUND = 1000;
/** The number of requests in progress at a time. */
const LANES = 16;
/** A request whose bytes were altered may ask for no answer, or for one that waits. */
const PATIENCE_MS = 200;
const HEALTHY_TOPIC = 'healthy';
/** Requests that would remove the node that is asked. */
const NEVER_ASKED: readonly AnyApi[] = [apis.unregisterBroker, apis.updateFeatures];

/**
 * For some time sends requests that are nearly right, of every API and version, to every listener of a real
 * controller and broker. Afterwards both must live, Millrace's own code must not have failed, every answer
 * must have been well-formed, and a healthy client must be served as before. The same seed sends the same
 * requests.
 */
export async function fuzz(seed: number, durationMs: number): Promise<FuzzOutcome> {
  const random = new Sfc32(seed);
  const node = await NodeUnderFire.start();
  let requests = 0;
  try {
    let place = await populate(node);
    await node.createTopic(HEALTHY_TOPIC);
    const served = new Map<ListenerName, ServedVersion[]>();
    for (const listener of listeners)
      served.set(
        listener,
        (await servedVersions(node, listener)).filter(({ api }) => !NEVER_ASKED.includes(api)),
      );
    const isOver = endsAfter(durationMs);
    while (!isOver(requests) && node.failures.length === 0) {
      const lanes = Array.from({ length: LANES }, async (_, lane) => {
        for (let i = 0; i < ROUND / LANES && !isOver(requests) && node.failures.length === 0; i++) {
          const listener = pick(random, listeners);
          const at = { listener, lane };
          await askOne(node, at, pick(random, served.get(listener) ?? []), place, random);
          requests++;
        }
      });
      await Promise.all(lanes);
      await beHealthy(node);
      place = await withTopic(node, place);
    }
  } finally {
    await node.stop();
  }
  return { requests, failures: node.failures };
}

async function askOne(
  node: NodeUnderFire,
  at: { readonly listener: ListenerName; readonly lane: number },
  served: ServedVersion,
  place: KnownPlace,
  random: Random,
): Promise<void> {
  const { api, version } = served;
  const { listener } = at;
  const message = sampleRequest(api, version, placeFor(served, listener, place));
  if (random.uint32() % 4 !== 0) Object.assign(message, lively(api, random, place));
  const asked = alterMessage(api, version, message, random);
  let frame: Buffer;
  try {
    frame = requestFrame(api, version, message, 1);
  } catch (error) {
    if (error instanceof UnencodableError) return;
    throw error;
  }
  const isTagged = version >= api.flexible && frame.at(-1) === 0 && random.uint32() % 10 === 0;
  if (isTagged) frame = addTaggedFields(frame, random);
  const areBytesAltered = random.uint32() % 3 === 0;
  if (areBytesAltered) frame = alterBytes(frame, random);
  const isAltered = isTagged || areBytesAltered;
  const failuresBefore = node.failures.length;
  const answer = await node.ask(at, frame, isAltered || asked.mayWait ? PATIENCE_MS : undefined);
  if (answer !== null && !isAltered) {
    try {
      decodeAnswer(served, answer);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      node.failures.push(`${api.name} v${version} was answered with what is no answer: ${error.message}`);
    }
  }
  if (node.failures.length > failuresBefore)
    node.failures.push(`after ${listener} ${api.name} v${version}: ${frame.toString('hex').slice(0, 2000)}`);
}

/** A request may have deleted the topic. */
async function withTopic(node: NodeUnderFire, place: KnownPlace): Promise<KnownPlace> {
  const { topic } = place;
  if (!node.broker.image.topics.byName(topic)) await node.createTopic(topic);
  return { ...place, topicId: node.broker.image.topics.byName(topic)?.id ?? place.topicId };
}

/** A normal client: its record is accepted and comes back. */
async function beHealthy(node: NodeUnderFire): Promise<void> {
  const value = `healthy at ${performance.now()}`;
  try {
    const connection = await node.connect();
    const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from(value) }] });
    const produced = await connection.send(
      apis.produce,
      {
        acks: -1,
        timeoutMs: 10_000,
        topicData: [{ name: HEALTHY_TOPIC, partitionData: [{ index: 0, records }] }],
      },
      { version: 12 },
    );
    const taken = produced.responses[0]?.partitionResponses[0];
    if (taken?.errorCode !== 0)
      throw new Error(`a healthy record was refused: ${errorName(taken?.errorCode ?? -1)}`);
    const partitions = [{ partition: 0, fetchOffset: taken.baseOffset, partitionMaxBytes: 10_000 }];
    const topics = [{ topic: HEALTHY_TOPIC, partitions }];
    const fetched = await connection.send(apis.fetch, { maxWaitMs: 0, minBytes: 0, topics }, { version: 12 });
    const bytes = fetched.responses[0]?.partitions[0]?.records ?? Buffer.alloc(0);
    const [first] = [...batches(bytes)];
    if (!first?.bytes.includes(value)) throw new Error('a healthy record did not come back');
    connection.close();
  } catch (error) {
    node.failures.push(`a healthy client was not served: ${error instanceof Error ? error.stack : error}`);
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random.uint32() % from.length];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}
