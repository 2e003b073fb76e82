import { table } from '../output.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const groupsList = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'groups list',
    summary: 'List the groups of consumers.',
    options: {},
    async run(given, output, client) {
      const groups = await client.admin.groups.list();
      if (given.switched('json')) output.line(JSON.stringify(groups));
      else
        for (const line of table([
          ['GROUP', 'TYPE', 'STATE'],
          ...groups.map(({ groupId, type, state }) => [groupId, type, state]),
        ]))
          output.line(line);
      return 0;
    },
  });
