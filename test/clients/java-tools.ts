import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { kafkaTool, type TOOLS } from '../support/kafka-tools.ts';
import type { Client } from './client.ts';
import { parseLines } from './kcat.ts';

/** The Java clients through Apache Kafka's own command-line tools. */
export const javaTools: Client = {
  name: 'Apache Kafka tools',
  missing: kafkaJars('tools') ? null : 'Apache Kafka’s jars or a JDK are missing',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  async createTopic(bootstrap, topic, partitions) {
    await succeed('kafka-topics', [
      '--bootstrap-server',
      bootstrap,
      '--create',
      '--topic',
      topic,
      '--partitions',
      String(partitions),
    ]);
  },
  async produce(bootstrap, topic, compression, records) {
    await succeed(
      'kafka-console-producer',
      [
        '--bootstrap-server',
        bootstrap,
        '--topic',
        topic,
        '--compression-codec',
        compression,
        '--reader-property',
        'parse.key=true',
        // By itself this tool waits 1.5 s for an answer, and tries only four times.
        ...['--request-timeout-ms', '60000', '--message-send-max-retries', '1000'],
      ],
      records.map(({ key, value }) => `${key}\t${value}\n`).join(''),
    );
  },
  async consume(bootstrap, topic, group, count) {
    const output = await succeed('kafka-console-consumer', [
      '--bootstrap-server',
      bootstrap,
      '--topic',
      topic,
      '--group',
      group,
      '--from-beginning',
      '--max-messages',
      String(count),
      '--timeout-ms',
      '240000',
      '--formatter-property',
      'print.key=true',
    ]);
    return parseLines(output);
  },
};

async function succeed(tool: keyof typeof TOOLS, args: string[], stdin?: string): Promise<string> {
  const result = await kafkaTool(tool, args, { stdin, timeoutMs: 400_000 });
  if (result.status !== 0)
    throw new Error(
      `${tool} ${args.join(' ')}: status ${result.status}\n${result.stderr}\n${result.stdout.slice(0, 2000)}`,
    );
  return result.stdout;
}
