import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { Consumer } from '../../kafka-client/consumer/consumer.ts';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { EARLIEST, LATEST, logEnd } from '../../kafka-client/offset-lookup.ts';
import type { Given } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';
import { timeOf, whole } from './numbers.ts';
import { RECORD_FORMATS, recordText } from './record-text.ts';

const POLL_MS = 1000;

export const consume = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'consume',
    summary: 'Print the records of a topic, one a line: new ones, or from the place that --from names.',
    takes: 'TOPIC',
    words: { min: 1, max: 1 },
    options: {
      from: {
        value: 'WHERE',
        help: 'beginning, end, an offset, the last N of each partition as -N, a time, or 15m for 15 minutes ago.',
        default: 'end',
      },
      to: { value: 'WHERE', help: 'Only "end": stop after the records that are there now.' },
      max: { value: 'N', help: 'Stop after N records.' },
      partition: { value: 'N', help: 'Only this partition.' },
      group: {
        value: 'GROUP',
        help: 'Consume as a member of this group and commit what was printed. --from applies to a new group.',
      },
      format: {
        value: 'NAME',
        choices: RECORD_FORMATS,
        help: `One of ${RECORD_FORMATS.join(', ')}. With --json it is json.`,
        default: 'text',
      },
      keys: { help: 'Print the key before the value.' },
      headers: { help: 'Print the headers before key and value.' },
      place: { help: 'Print time, topic, partition and offset first.' },
      'key-filter': { value: 'TEXT', help: 'Only records with this key.' },
      filter: { value: 'TEXT', help: 'Only records whose value contains this text.' },
      uncommitted: { help: 'Include records of open and aborted transactions.' },
    },
    more: 'Ctrl-C ends it.',
    async run(given, output, client) {
      const consumer = client.consumer({
        isolation: given.switched('uncommitted') ? 'read_uncommitted' : 'read_committed',
        offsetReset: given.text('from') === 'beginning' ? 'earliest' : 'latest',
        ...(given.has('group') ? { groupId: given.text('group') } : {}),
      });
      let isOver = false;
      const stop = (): void => {
        isOver = true;
      };
      process.once('SIGINT', stop);
      output.onUnheard((status) => {
        process.exitCode = status;
        stop();
      });
      try {
        const ends = await begin(given, client, consumer);
        await print(given, output, consumer, ends, () => isOver);
      } finally {
        process.off('SIGINT', stop);
        await consumer.close();
      }
      return Number(process.exitCode ?? 0);
    },
  });

/** Gives the consumer its partitions. Returns where each ends, when that is where it shall stop. */
async function begin(
  given: Given,
  client: KafkaClient,
  consumer: Consumer,
): Promise<Map<string, number> | null> {
  const [topic = ''] = given.words;
  const { partitions } = await client.admin.topics.describe(topic);
  if (given.has('to') && given.text('to') !== 'end')
    throw new Failure('--to can only be end.', { exit: 'usage' });
  if (given.has('group')) {
    if (given.has('to') || given.has('partition'))
      throw new Failure('--group goes with neither --to nor --partition.', { exit: 'usage' });
    if (!['beginning', 'end'].includes(given.text('from')))
      throw new Failure('With --group, --from is beginning or end: see "millrace groups reset".', {
        exit: 'usage',
      });
    consumer.subscribe([topic]);
    return null;
  }
  const only = given.has('partition') ? given.integer('partition', { min: 0, max: 100_000 }) : null;
  if (only !== null && !partitions[only])
    throw new Failure(`${topic} has ${counted(partitions.length, 'partition')}, and no partition ${only}.`, {
      exit: 'usage',
    });
  const all = only === null ? partitions.map((_, partition) => partition) : [only];
  const targets = all.map((partition) => ({ topic, partition }));
  // Past the last record that the consumer will hand out.
  const isolation = given.switched('uncommitted') ? 'read_uncommitted' : 'read_committed';
  const at = (timestamp: number) =>
    client.admin.groups.offsetsAt(
      targets.map((one) => ({ ...one, timestamp })),
      isolation,
    );
  const [starts, ends] = [await at(EARLIEST), await at(LATEST)];
  const range = (one: TopicPartition) => ({
    start: logEnd(starts, one),
    end: logEnd(ends, one),
  });
  const from = given.text('from');
  const byTime = /^(beginning|end|[+-]?\d{1,11})$/.test(from) ? null : await at(timeOf(from, '--from'));
  const first = (one: TopicPartition): number => {
    const { start, end } = range(one);
    if (byTime) return byTime.get(partitionKey(one))?.offset ?? end;
    if (from === 'beginning') return start;
    if (from === 'end') return end;
    const number = whole(from, '--from');
    return Math.min(Math.max(from.startsWith('-') ? end + number : number, start), end);
  };
  consumer.assign(targets.map((one) => ({ ...one, offset: first(one) })));
  return given.has('to') ? new Map(targets.map((one) => [partitionKey(one), range(one).end])) : null;
}

async function print(
  given: Given,
  output: Output,
  consumer: Consumer,
  ends: ReadonlyMap<string, number> | null,
  isOver: () => boolean,
): Promise<void> {
  const format = given.switched('json') ? 'json' : given.choice('format', RECORD_FORMATS);
  const max = given.has('max')
    ? given.integer('max', { min: 1, max: 999_999_999 })
    : Number.POSITIVE_INFINITY;
  const shown = {
    keys: given.switched('keys'),
    headers: given.switched('headers'),
    place: given.switched('place'),
  };
  const isWanted = filterOf(given);
  const isAtEnd = (): boolean =>
    ends !== null &&
    consumer.positions().every((one) => one.offset >= (ends.get(partitionKey(one)) ?? 0)) &&
    consumer.positions().length === ends.size;
  let printed = 0;
  while (!isOver() && printed < max && !isAtEnd()) {
    const records = await consumer.poll(POLL_MS);
    const done: ConsumedRecord[] = [];
    for (const record of records) {
      if (printed >= max || record.offset >= (ends?.get(partitionKey(record)) ?? Number.POSITIVE_INFINITY))
        continue;
      done.push(record);
      if (!isWanted(record)) continue;
      output.line(recordText(record, format, shown));
      printed++;
    }
    if (given.has('group') && done.length > 0) await consumer.commit(afterLast(done));
  }
}

function filterOf(given: Given): (record: ConsumedRecord) => boolean {
  const key = given.maybe('key-filter');
  const part = given.maybe('filter');
  return (record) =>
    (key === undefined || record.key?.toString() === key) &&
    (part === undefined || (record.value?.includes(part) ?? false));
}

/** Where the group goes on after these records. */
function afterLast(records: readonly ConsumedRecord[]) {
  const last = new Map(records.map((record) => [partitionKey(record), record]));
  return [...last.values()].map(({ topic, partition, offset, leaderEpoch }) => ({
    topic,
    partition,
    offset: offset + 1,
    leaderEpoch,
  }));
}
