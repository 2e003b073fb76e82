import {
  completesResource,
  configResource,
  RESOURCE_WORDS,
  resourceText,
  splitWords,
} from './config-resource.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const configsUnset = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'configs unset',
    summary: 'Remove configs of a topic or broker, so that their defaults apply again.',
    takes: `${RESOURCE_WORDS} KEY …`,
    completes: completesResource,
    words: { min: 2, max: 100 },
    options: {},
    async run(given, output, client) {
      const { resource, rest } = splitWords(given.words);
      await client.admin.configs.alter(configResource(resource), new Map(rest.map((key) => [key, null])));
      output.line(
        given.switched('json')
          ? JSON.stringify({ ...configResource(resource), unset: rest })
          : `${resourceText(resource)} has no ${rest.join(', ')} of its own any more.`,
      );
      return 0;
    },
  });
