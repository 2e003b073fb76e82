import { confirm } from '../confirm.ts';
import { YES_OPTION } from '../options.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const groupsDelete = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'groups delete',
    summary: 'Delete a group without members, with its committed offsets.',
    takes: 'GROUP',
    words: { min: 1, max: 1 },
    options: { ...YES_OPTION },
    async run(given, output, client) {
      const [groupId = ''] = given.words;
      await client.admin.groups.describe(groupId);
      await confirm(given, `This deletes the group ${groupId} with its committed offsets.`, groupId);
      await client.admin.groups.delete(groupId);
      output.line(
        given.switched('json') ? JSON.stringify({ groupId, deleted: true }) : `${groupId} is deleted.`,
      );
      return 0;
    },
  });
