import { kcat } from '../support/kafka-tools.ts';
import type { Read } from './history.ts';
import type { Login } from './login.ts';

/** All records of a topic, read by librdkafka from the start to the end of each partition. */
export async function readAll(bootstrap: string, topic: string, login: Login): Promise<Read[]> {
  const args = [
    ...login.kcat,
    '-b',
    bootstrap,
    '-C',
    '-t',
    topic,
    '-o',
    'beginning',
    '-e',
    '-q',
    '-f',
    '%p %o %s\n',
    '-X',
    'check.crcs=true',
  ];
  const result = await kcat(args, { timeoutMs: 300_000 });
  if (result.status !== 0) throw new Error(`kcat: status ${result.status}\n${result.stderr}`);
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [partition, offset, value = ''] = line.split(' ');
      const [producer = '', sequence] = value.split('.');
      return { partition: Number(partition), offset: Number(offset), producer, sequence: Number(sequence) };
    });
}
