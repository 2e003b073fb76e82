import { xxh3 } from '../../base/xxh3.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { TopicImage } from '../../metadata/topics.ts';

type Cluster = Pick<ClusterImage, 'topics' | 'brokers'>;

/** The first byte of what is hashed of a topic: the version of the layout. */
const TOPIC_LAYOUT = 0;

/**
 * The hash of a topic as it is in one image: many groups ask, and a topic of many partitions takes
 * milliseconds.
 */
const topicHashes = new WeakMap<TopicImage, bigint>();

/**
 * What of these topics an assignment depends on, in 64 bits, as Kafka hashes it (KIP-1101): their partitions
 * and the racks of the replicas. Each topic is given once. 0 when there are none.
 */
export function topicsHash(topics: readonly TopicImage[], cluster: Cluster): bigint {
  if (topics.length === 0) return 0n;
  const hashes = Buffer.alloc(8 * topics.length);
  for (const [i, topic] of [...topics].sort((a, b) => (a.name < b.name ? -1 : 1)).entries())
    hashes.writeBigUInt64LE(topicHash(topic, cluster), 8 * i);
  return BigInt.asIntN(64, xxh3(hashes));
}

function topicHash(topic: TopicImage, cluster: Cluster): bigint {
  const known = topicHashes.get(topic);
  if (known !== undefined) return known;
  const hash = xxh3(hashedBytes(topic, cluster));
  topicHashes.set(topic, hash);
  return hash;
}

function hashedBytes({ id, name, partitions }: TopicImage, { brokers }: Cluster): Buffer {
  const uuid = Buffer.from(id, 'base64url');
  const parts = [
    Buffer.from([TOPIC_LAYOUT]),
    // Two longs, the lowest byte first.
    uuid.subarray(0, 8).reverse(),
    uuid.subarray(8).reverse(),
    text(name),
    int32(partitions.length),
  ];
  for (const [index, { replicas }] of partitions.entries()) {
    parts.push(int32(index));
    const racks = replicas.flatMap((broker) => brokers.byId(broker)?.rack ?? []).sort();
    for (const rack of racks) parts.push(int32(rack.length), text(rack));
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from(value, 'utf16le'), int32(value.length)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
