import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const topicsAlter = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'topics alter',
    summary: 'Give a topic more partitions.',
    takes: 'TOPIC',
    words: { min: 1, max: 1 },
    options: { partitions: { value: 'N', help: 'New partition count. It can only grow.' } },
    more: 'Records of a key may go to another partition afterwards. For configs, see millrace configs set.',
    async run(given, output, client) {
      const [name = ''] = given.words;
      const count = given.integer('partitions', { min: 1, max: 100_000 });
      const { partitions } = await client.admin.topics.describe(name);
      if (count < partitions.length)
        throw new Failure(
          `${name} has ${counted(partitions.length, 'partition')}, and no partition can be taken away.`,
        );
      if (count > partitions.length) await client.admin.topics.createPartitions(name, count);
      output.line(
        given.switched('json')
          ? JSON.stringify({ name, partitions: count })
          : `${name} has ${count} partitions.`,
      );
      return 0;
    },
  });
