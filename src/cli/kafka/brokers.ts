import { bytesText } from '../clusters/plan.ts';
import { volumeText } from '../clusters/volume-text.ts';
import { counted } from '../counted.ts';
import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const brokers = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'brokers',
    summary: 'Show the live brokers: zone, address, leaders, replicas, those that are not in sync, and disk.',
    options: {},
    async run(given, output, client) {
      const [all, topics] = [await client.admin.brokers(), await client.admin.topics.list()];
      const partitions = topics.flatMap((topic) => topic.partitions);
      const rows = all.map(({ id, rack, host, port, bytes, volumeBytes, usableBytes }) => ({
        id,
        zone: rack,
        address: `${host}:${port}`,
        leaders: partitions.filter(({ leader }) => leader === id).length,
        replicas: partitions.filter(({ replicas }) => replicas.includes(id)).length,
        notInSync: partitions.filter(({ replicas, isr }) => replicas.includes(id) && !isr.includes(id))
          .length,
        bytes,
        volumeBytes,
        usableBytes,
      }));
      const notInSync = partitions.filter(({ replicas, isr }) => isr.length < replicas.length).length;
      const withoutLeader = partitions.filter(({ leader }) => leader < 0).length;
      const alive = new Set(all.map(({ id }) => id));
      const down = [...new Set(partitions.flatMap(({ replicas }) => replicas))]
        .filter((id) => !alive.has(id))
        .sort();
      if (given.switched('json')) {
        output.line(
          JSON.stringify({ brokers: rows, down, partitions: partitions.length, notInSync, withoutLeader }),
        );
        return 0;
      }
      for (const line of table([
        ['BROKER', 'ZONE', 'ADDRESS', 'LEADERS', 'REPLICAS', 'NOT IN SYNC', 'BYTES', 'VOLUME'],
        ...rows.map((row) => [
          String(row.id),
          row.zone ?? '-',
          row.address,
          String(row.leaders),
          String(row.replicas),
          String(row.notInSync),
          row.bytes === null ? '?' : bytesText(row.bytes),
          volumeText(row),
        ]),
      ]))
        output.line(line);
      output.line('');
      output.line(
        `${counted(partitions.length, 'partition')}: ${notInSync} not in sync, ${withoutLeader} without a leader.${
          down.length > 0 ? ` Down: broker ${down.join(', ')}.` : ''
        }`,
      );
      return 0;
    },
  });
