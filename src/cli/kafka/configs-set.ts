import { readAssignments } from './assignments.ts';
import {
  completesResource,
  configResource,
  RESOURCE_WORDS,
  resourceText,
  splitWords,
} from './config-resource.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const configsSet = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'configs set',
    summary: 'Set configs of a topic or broker while it runs. Either all are set or none.',
    takes: `${RESOURCE_WORDS} KEY=VALUE …`,
    completes: completesResource,
    words: { min: 2, max: 100 },
    options: {},
    async run(given, output, client) {
      const { resource, rest } = splitWords(given.words);
      const changes = readAssignments(rest);
      await client.admin.configs.alter(configResource(resource), changes);
      output.line(
        given.switched('json')
          ? JSON.stringify({ ...configResource(resource), set: Object.fromEntries(changes) })
          : `${resourceText(resource)} has ${[...changes].map(([key, value]) => `${key}=${value}`).join(', ')}.`,
      );
      return 0;
    },
  });
