import { hasCommand, kcat as runKcat } from '../support/kafka-tools.ts';
import type { Client, TextRecord } from './client.ts';

/** librdkafka through Debian's kcat. */
export const kcat: Client = {
  name: 'kcat',
  missing: hasCommand('kcat') ? null : 'kcat is not installed',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  async produce(bootstrap, topic, compression, records) {
    const stdin = records.map(({ key, value }) => `${key}\t${value}\n`).join('');
    const args = [
      '-b',
      bootstrap,
      '-P',
      '-t',
      topic,
      '-K',
      '\t',
      '-z',
      compression,
      '-X',
      'enable.idempotence=true',
    ];
    await succeed(args, stdin);
  },
  async consume(bootstrap, topic, group, count) {
    const args = [
      '-b',
      bootstrap,
      '-G',
      group,
      '-X',
      'auto.offset.reset=earliest',
      '-c',
      String(count),
      '-f',
      '%k\t%s\n',
      topic,
    ];
    return parseLines(await succeed(args));
  },
};

async function succeed(args: string[], stdin?: string): Promise<string> {
  const result = await runKcat(args, { stdin, timeoutMs: 300_000 });
  if (result.status !== 0)
    throw new Error(`kcat ${args.join(' ')}: status ${result.status}\n${result.stderr}`);
  return result.stdout;
}

export function parseLines(text: string): TextRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      return { key: line.slice(0, tab), value: line.slice(tab + 1) };
    });
}
