import { table } from '../output.ts';
import { completesResource, configResource, RESOURCE_WORDS } from './config-resource.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

export const configsDescribe = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'configs describe',
    summary:
      'Show the configs of a topic or broker: those that were set for it or, with --all, all configs in force.',
    takes: RESOURCE_WORDS,
    completes: completesResource,
    words: { min: 1, max: 2 },
    options: { all: { help: 'Include defaults and inherited configs, each with its source.' } },
    async run(given, output, client) {
      const resource = configResource(given.words);
      const configs = (await client.admin.configs.describe(resource)).filter(
        ({ isOwn }) => isOwn || given.switched('all'),
      );
      if (given.switched('json')) output.line(JSON.stringify(configs));
      else
        for (const line of table([
          ['CONFIG', 'VALUE', 'FROM'],
          ...configs.map(({ name, value, source }) => [name, value ?? '', source]),
        ]))
          output.line(line);
      return 0;
    },
  });
