import { counted } from '../counted.ts';
import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const groupsDescribe = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'groups describe',
    summary: 'Show where a group is in each partition, how far it is behind, and who reads it.',
    takes: 'GROUP',
    words: { min: 1, max: 1 },
    options: {},
    async run(given, output, client) {
      const group = await client.admin.groups.describe(given.words[0] ?? '');
      if (given.switched('json')) {
        output.line(JSON.stringify(group));
        return 0;
      }
      const { groupId, state, type, members, offsets } = group;
      const lag = offsets.reduce((sum, one) => sum + (one.lag ?? 0), 0);
      output.line(
        `${groupId} (${type}) is ${state}, with ${counted(members.length, 'member')}, ${counted(lag, 'record')} behind.`,
      );
      if (offsets.length > 0) output.line('');
      for (const line of table([
        ...(offsets.length > 0 ? [['TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG', 'CLIENT', 'HOST']] : []),
        ...offsets.map((one) => [
          one.topic,
          String(one.partition),
          String(one.committed ?? '-'),
          String(one.end),
          String(one.lag ?? '-'),
          one.member?.clientId ?? '-',
          one.member?.host ?? '-',
        ]),
      ]))
        output.line(line);
      return 0;
    },
  });
