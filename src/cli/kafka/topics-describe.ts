import { partitionKey } from '../../base/topic-partition.ts';
import { EARLIEST, LATEST } from '../../kafka-client/offset-lookup.ts';
import { counted } from '../counted.ts';
import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const topicsDescribe = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'topics describe',
    summary: 'Show the partitions of a topic with their offsets, and the configs that were set for it.',
    takes: 'TOPIC',
    words: { min: 1, max: 1 },
    options: {},
    async run(given, output, client) {
      const [name = ''] = given.words;
      const { topics, configs, groups } = client.admin;
      const topic = await topics.describe(name);
      const own = (await configs.describe({ type: 'topic', name })).filter(({ isOwn }) => isOwn);
      const led = topic.partitions.flatMap(({ leader }, partition) =>
        leader < 0 ? [] : [{ topic: name, partition }],
      );
      const at = (timestamp: number) => groups.offsetsAt(led.map((one) => ({ ...one, timestamp })));
      const [starts, ends] = [await at(EARLIEST), await at(LATEST)];
      const partitions = topic.partitions.map((one, partition) => {
        const key = partitionKey({ topic: name, partition });
        return {
          partition,
          ...one,
          start: starts.get(key)?.offset ?? null,
          end: ends.get(key)?.offset ?? null,
        };
      });
      const set = Object.fromEntries(own.map((config) => [config.name, config.value]));
      if (given.switched('json')) {
        output.line(JSON.stringify({ name, id: topic.id, partitions, configs: set }));
        return 0;
      }
      const replicas = topic.partitions[0]?.replicas.length ?? 0;
      output.line(
        `${name} (id ${topic.id}) has ${counted(partitions.length, 'partition')} of ${counted(replicas, 'replica')}.`,
      );
      output.line('');
      const lines = table([
        ['PARTITION', 'LEADER', 'REPLICAS', 'IN SYNC', 'START', 'END'],
        ...partitions.map(({ partition, leader, replicas, isr, start, end }) => [
          String(partition),
          leader < 0 ? 'none' : String(leader),
          replicas.join(','),
          isr.join(','),
          String(start ?? '?'),
          String(end ?? '?'),
        ]),
      ]);
      for (const line of lines) output.line(line);
      if (own.length > 0) output.line('');
      for (const line of table([...Object.entries(set)].map(([key, value]) => [key, value ?? ''])))
        output.line(line);
      return 0;
    },
  });
