import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { EARLIEST, LATEST, logEnd } from '../../kafka-client/offset-lookup.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';
import { timeOf, whole } from './numbers.ts';

const TARGETS = ['to-beginning', 'to-end', 'to-offset', 'to-time', 'by'] as const;

export const groupsReset = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'groups reset',
    summary: 'Set where a group without members goes on; without --execute it only shows what would change.',
    takes: 'GROUP',
    words: { min: 1, max: 1 },
    options: {
      topic: {
        value: 'TOPIC[:PARTITION,…]',
        help: 'Which partitions, several times. Default: all that the group has offsets of.',
        repeats: true,
      },
      'to-beginning': { help: 'To the first record that is there.' },
      'to-end': { help: 'Past the last record.' },
      'to-offset': { value: 'OFFSET', help: 'To this offset, or the nearest that is there.' },
      'to-time': {
        value: 'TIME',
        help: 'To the first record at or after this time, as 2026-11-28T12:00:00Z.',
      },
      by: { value: 'N', help: 'Number of records to go forward, or back with a minus: --by=-100.' },
      execute: { help: 'Do it.' },
    },
    async run(given, output, client) {
      const [groupId = ''] = given.words;
      const targets = TARGETS.filter((name) => given.has(name));
      const [target] = targets;
      if (!target || targets.length > 1)
        throw new Failure(`Give one of ${TARGETS.map((name) => `--${name}`).join(', ')}.`, { exit: 'usage' });
      const { groups } = client.admin;
      const now = new Map((await groups.committed(groupId)).map((one) => [partitionKey(one), one.offset]));
      const partitions = await chosen(given, client, groupId);
      const at = async (timestamp: number) =>
        groups.offsetsAt(partitions.map((one) => ({ ...one, timestamp })));
      const [starts, ends] = [await at(EARLIEST), await at(LATEST)];
      const byTime = target === 'to-time' ? await at(timeOf(given.text('to-time'), '--to-time')) : null;
      const rows = partitions.map((partition) => {
        const key = partitionKey(partition);
        const start = logEnd(starts, partition);
        const end = logEnd(ends, partition);
        const from = now.get(key) ?? null;
        const wanted = {
          'to-beginning': () => start,
          'to-end': () => end,
          'to-offset': () => whole(given.text('to-offset'), '--to-offset'),
          'to-time': () => byTime?.get(key)?.offset ?? end,
          by: () => (from ?? start) + whole(given.text('by'), '--by'),
        }[target]();
        return { ...partition, from, to: Math.min(Math.max(wanted, start), end) };
      });
      const isDone = given.switched('execute');
      if (isDone)
        await groups.alterOffsets(
          groupId,
          rows.map(({ to, ...one }) => ({ ...one, offset: to })),
        );
      if (given.switched('json')) {
        output.line(JSON.stringify({ groupId, executed: isDone, offsets: rows }));
        return 0;
      }
      for (const line of table([
        ['TOPIC', 'PARTITION', 'FROM', 'TO'],
        ...rows.map(({ topic, partition, from, to }) => [
          topic,
          String(partition),
          String(from ?? '-'),
          String(to),
        ]),
      ]))
        output.line(line);
      output.line('');
      output.line(isDone ? `${groupId} goes on there.` : 'Nothing was changed: add --execute to do it.');
      return 0;
    },
  });

/** The partitions that --topic names, or those that the group has offsets of. */
async function chosen(given: Given, client: KafkaClient, groupId: string): Promise<TopicPartition[]> {
  const named = given.all('topic');
  if (named.length === 0) {
    const committed = await client.admin.groups.committed(groupId);
    if (committed.length === 0)
      throw new Failure(
        `The group ${groupId} has no offsets: say with --topic of which topic it shall have some.`,
      );
    return committed.map(({ topic, partition }) => ({ topic, partition }));
  }
  const partitions = named.map(async (text): Promise<TopicPartition[]> => {
    const [topic = '', numbers] = text.split(':');
    const { partitions: there } = await client.admin.topics.describe(topic);
    const wanted =
      numbers === undefined ? there.map((_, partition) => partition) : numbers.split(',').map(Number);
    const missing = wanted.find((partition) => !there[partition]);
    if (missing !== undefined) throw new Failure(`${topic} has no partition ${missing}.`, { exit: 'usage' });
    return wanted.map((partition) => ({ topic, partition }));
  });
  return (await Promise.all(partitions)).flat();
}
