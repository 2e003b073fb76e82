import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const topicsList = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'topics list',
    summary:
      'List the topics of a cluster, with the number of partitions that are not in sync or have no leader.',
    options: { internal: { help: "Include Kafka's internal topics." } },
    async run(given, output, client) {
      const topics = (await client.admin.topics.list()).filter(
        ({ isInternal }) => given.switched('internal') || !isInternal,
      );
      const rows = topics.map(({ name, id, isInternal, partitions }) => ({
        name,
        id,
        isInternal,
        partitions: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
        notInSync: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
        withoutLeader: partitions.filter(({ leader }) => leader < 0).length,
      }));
      if (given.switched('json')) output.line(JSON.stringify(rows));
      else
        for (const line of table([
          ['TOPIC', 'PARTITIONS', 'REPLICAS', 'NOT IN SYNC', 'WITHOUT LEADER'],
          ...rows.map((row) => [
            row.name,
            String(row.partitions),
            String(row.replicationFactor),
            String(row.notInSync),
            String(row.withoutLeader),
          ]),
        ]))
          output.line(line);
      return 0;
    },
  });
