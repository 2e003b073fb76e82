import { confirm } from '../confirm.ts';
import { counted } from '../counted.ts';
import { YES_OPTION } from '../options.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const topicsDelete = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'topics delete',
    summary: 'Delete a topic with all its records.',
    takes: 'TOPIC',
    words: { min: 1, max: 1 },
    options: { ...YES_OPTION },
    async run(given, output, client) {
      const [name = ''] = given.words;
      const { partitions } = await client.admin.topics.describe(name);
      await confirm(
        given,
        `This deletes ${name} (${counted(partitions.length, 'partition')}) with all its records.`,
        name,
      );
      await client.admin.topics.delete(name);
      output.line(given.switched('json') ? JSON.stringify({ name, deleted: true }) : `${name} is deleted.`);
      return 0;
    },
  });
