import type { CommandEntry } from '../program.ts';
import type { ConnectKafka } from './kafka-target.ts';

/** Commands on the data of a cluster, of Millrace or any other. `connect` loads the client that they use. */
export function kafkaCommands(connect: () => Promise<ConnectKafka>): readonly CommandEntry[] {
  return [
    {
      name: 'topics list',
      summary: 'List topics.',
      load: async () => (await import('./topics-list.ts')).topicsList(await connect()),
    },
    {
      name: 'topics describe',
      summary: 'Show one topic.',
      load: async () => (await import('./topics-describe.ts')).topicsDescribe(await connect()),
    },
    {
      name: 'topics create',
      summary: 'Create a topic.',
      load: async () => (await import('./topics-create.ts')).topicsCreate(await connect()),
    },
    {
      name: 'topics alter',
      summary: 'Give a topic more partitions.',
      load: async () => (await import('./topics-alter.ts')).topicsAlter(await connect()),
    },
    {
      name: 'topics delete',
      summary: 'Delete a topic.',
      load: async () => (await import('./topics-delete.ts')).topicsDelete(await connect()),
    },
    {
      name: 'groups list',
      summary: 'List consumer groups.',
      load: async () => (await import('./groups-list.ts')).groupsList(await connect()),
    },
    {
      name: 'groups describe',
      summary: 'Show a group and its lag.',
      load: async () => (await import('./groups-describe.ts')).groupsDescribe(await connect()),
    },
    {
      name: 'groups reset',
      summary: 'Change the committed offsets of a group.',
      load: async () => (await import('./groups-reset.ts')).groupsReset(await connect()),
    },
    {
      name: 'groups delete',
      summary: 'Delete a group.',
      load: async () => (await import('./groups-delete.ts')).groupsDelete(await connect()),
    },
    {
      name: 'configs describe',
      summary: 'Show configs of a topic or broker.',
      load: async () => (await import('./configs-describe.ts')).configsDescribe(await connect()),
    },
    {
      name: 'configs set',
      summary: 'Set configs.',
      load: async () => (await import('./configs-set.ts')).configsSet(await connect()),
    },
    {
      name: 'configs unset',
      summary: 'Remove configs, so that their defaults apply.',
      load: async () => (await import('./configs-unset.ts')).configsUnset(await connect()),
    },
    {
      name: 'brokers',
      summary: 'Show the brokers and their health.',
      load: async () => (await import('./brokers.ts')).brokers(await connect()),
    },
    {
      name: 'produce',
      summary: 'Write records.',
      load: async () => (await import('./produce.ts')).produce(await connect()),
    },
    {
      name: 'consume',
      summary: 'Print records.',
      load: async () => (await import('./consume.ts')).consume(await connect()),
    },
  ];
}
