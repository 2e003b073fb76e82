import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { ProducerRecord } from '../../kafka-client/producer/producer-options.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { unreadable } from '../unreadable.ts';
import { readAssignments } from './assignments.ts';
import { type ConnectKafka, kafkaCommand } from './kafka-target.ts';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export const produce = (connect: ConnectKafka) =>
  kafkaCommand(connect, {
    name: 'produce',
    summary: 'Write records: one for each line of standard input or of a file, or one whole file.',
    takes: 'TOPIC [FILE]',
    words: { min: 1, max: 2 },
    options: {
      'key-separator': { value: 'TEXT', help: 'The text before this separator in a line is the key.' },
      key: { value: 'TEXT', help: 'The key of every record.' },
      header: { value: 'KEY=VALUE', help: 'A header of every record; may be given again.', repeats: true },
      partition: { value: 'N', help: 'Without it, the key decides, as with other clients.' },
      compression: {
        value: 'NAME',
        choices: COMPRESSIONS,
        help: `One of ${COMPRESSIONS.join(', ')}.`,
        default: 'none',
      },
      tombstones: { help: 'Write null for an empty value, which deletes the key from a compacted topic.' },
      whole: { help: 'FILE is one record, with any bytes.' },
    },
    more: 'Every record is written once and in order, and the command succeeds only when all replicas in sync have all of them.',
    async run(given, output, client) {
      const [topic = '', file] = given.words;
      const isWhole = given.switched('whole');
      if (isWhole && file === undefined) throw new Failure('--whole needs a FILE.', { exit: 'usage' });
      const recordOf = recordReader(given, topic);
      const producer = client.producer({ compression: given.choice('compression', COMPRESSIONS) });
      let written = 0;
      let failure: unknown = null;
      for await (const bytes of isWhole ? wholeFile(file ?? '') : lines(file)) {
        if (failure) break;
        const record = recordOf(bytes, written + 1);
        await producer.room();
        producer.send(record).then(
          () => written++,
          (error: unknown) => {
            failure ??= error;
          },
        );
      }
      await producer.close();
      if (failure instanceof KafkaClientError) throw partlyWritten(failure, written);
      if (failure) throw failure;
      output.line(
        given.switched('json') ? JSON.stringify({ topic, written }) : `${written} records were written.`,
      );
      return 0;
    },
  });

/**
 * How a line, or a whole file, becomes a record by what the options say. What it returns throws Failure for
 * one without the separator of --key-separator; `number` is that of the line, or of one before it.
 */
function recordReader(given: Given, topic: string): (bytes: Buffer, number: number) => ProducerRecord {
  const separator = given.switched('whole') ? undefined : given.maybe('key-separator');
  const fixedKey = given.maybe('key') ?? null;
  const headers = [...readAssignments(given.all('header'))].map(([key, value]) => ({
    key,
    value: Buffer.from(value),
  }));
  const partition = given.has('partition') ? given.integer('partition', { min: 0, max: 100_000 }) : undefined;
  const deletes = given.switched('tombstones');
  return (bytes, number) => {
    const at = separator === undefined ? -1 : bytes.indexOf(separator);
    if (separator !== undefined && at < 0 && fixedKey === null)
      throw new Failure(`Line ${number} or later has no "${separator}": "${bytes.toString().slice(0, 80)}".`);
    const key = at < 0 ? fixedKey : bytes.subarray(0, at).toString();
    const value = at < 0 ? bytes : bytes.subarray(at + Buffer.byteLength(separator ?? ''));
    return {
      topic,
      headers,
      key: key === null ? null : Buffer.from(key),
      value: deletes && value.length === 0 ? null : value,
      ...(partition === undefined ? {} : { partition }),
    };
  };
}

function partlyWritten(failure: KafkaClientError, written: number): KafkaClientError {
  const message = `${written} records were written; then: ${failure.message}`;
  return new KafkaClientError(failure.code, message, { cause: failure });
}

async function* lines(file: string | undefined): AsyncGenerator<Buffer> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      yield Buffer.from(line);
  } catch (error) {
    throw unreadable(file === undefined ? 'Standard input' : `The file ${file}`, error);
  }
}

async function* wholeFile(file: string): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file)) chunks.push(chunk);
  } catch (error) {
    throw unreadable(`The file ${file}`, error);
  }
  yield Buffer.concat(chunks);
}
