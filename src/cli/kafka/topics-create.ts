import { counted } from '../counted.ts';
import { readAssignments } from './assignments.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const topicsCreate = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'topics create',
    summary: 'Create a topic.',
    takes: 'TOPIC [KEY=VALUE …]',
    words: { min: 1, max: 100 },
    options: {
      partitions: { value: 'N', help: "Default: the cluster's num.partitions." },
      'replication-factor': {
        value: 'N',
        help: "Replicas of each partition. Default: the cluster's default.replication.factor.",
      },
    },
    more: 'KEY=VALUE are configs of the topic, as retention.ms=60000.',
    async run(given, output, client) {
      const [name = '', ...words] = given.words;
      const number = (option: string, max: number): number =>
        given.has(option) ? given.integer(option, { min: 1, max }) : -1;
      await client.admin.topics.create({
        name,
        partitions: number('partitions', 100_000),
        replicationFactor: number('replication-factor', 1000),
        configs: readAssignments(words),
      });
      const { partitions } = await client.admin.topics.describe(name);
      const replicationFactor = partitions[0]?.replicas.length ?? 0;
      output.line(
        given.switched('json')
          ? JSON.stringify({ name, partitions: partitions.length, replicationFactor })
          : `${name} is there, with ${counted(partitions.length, 'partition')} and ${counted(replicationFactor, 'replica')} of each.`,
      );
      return 0;
    },
  });
