export interface TextRecord {
  readonly key: string;
  readonly value: string;
}

/**
 * One Kafka client as the round trip uses it. Records are printable text, because command-line clients read
 * lines.
 */
export interface Client {
  readonly name: string;
  /** The reason why it cannot run on this machine, or null. */
  readonly missing: string | null;
  readonly compressions: readonly string[];
  /** Missing if the client cannot create topics; then Kafka's own tool does it. */
  createTopic?(bootstrap: string, topic: string, partitions: number): Promise<void>;
  /** The number of replicas of each partition. */
  replicas?(bootstrap: string, topic: string): Promise<number[]>;
  produce(
    bootstrap: string,
    topic: string,
    compression: string,
    records: readonly TextRecord[],
  ): Promise<void>;
  /** Reads `count` records from the start in a consumer group, and commits. */
  consume(bootstrap: string, topic: string, group: string, count: number): Promise<TextRecord[]>;
}

/**
 * Records of varied length whose content says where they belong, so that a lost or changed record is seen and
 * named.
 */
export function textRecords(count: number, label: string): TextRecord[] {
  const filler = 'The quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs. ';
  return Array.from({ length: count }, (_, n) => ({
    key: `${label}-${n % 997}`,
    value: `${label}:${n}:${filler.repeat(3).slice(0, (n * 31) % 230)}`,
  }));
}

/**
 * Every record must be there exactly once, and records of one key in the order in which they were sent. The
 * result is what is wrong, at most five lines.
 */
export function compareRecords(sent: readonly TextRecord[], read: readonly TextRecord[]): string[] {
  const wrong: string[] = [];
  if (sent.length !== read.length) wrong.push(`sent ${sent.length}, read ${read.length}`);
  const [expected, found] = [byKey(sent), byKey(read)];
  for (const [key, values] of expected) {
    const others = found.get(key) ?? [];
    for (let i = 0; i < Math.max(values.length, others.length) && wrong.length < 5; i++)
      if (values[i] !== others[i]) {
        wrong.push(
          `key ${key}, record ${i}: sent ${JSON.stringify(values[i])}, read ${JSON.stringify(others[i])}`,
        );
        break;
      }
  }
  for (const key of found.keys())
    if (!expected.has(key) && wrong.length < 5) wrong.push(`invented key ${key}`);
  return wrong;
}

function byKey(records: readonly TextRecord[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const { key, value } of records) {
    const values = map.get(key);
    if (values) values.push(value);
    else map.set(key, [value]);
  }
  return map;
}
