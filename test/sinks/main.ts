import { loadavg } from 'node:os';
import { numberOption, runOptions, textOption } from '../support/run-options.ts';
import { runSinks } from './run.ts';

const options = runOptions(
  'sinks',
  "Our sinks beside Kafka Connect's: rows a second, processor time and memory of the workers.",
  {
    rows: numberOption('How many rows.', 500_000, { least: 1 }),
    'row-bytes': numberOption('Bytes of a row.', 200, { least: 1 }),
    partitions: numberOption('Partitions of the topic.', 6, { least: 1 }),
    tasks: numberOption('Tasks of a connector.', 2, { least: 1 }),
    buffer: numberOption("Bytes that a sink of ours may hold. Default: the sink's own.", undefined, {
      least: 1,
    }),
    only: textOption('Only the sinks whose names have all of these words.', 'WORD,…'),
  },
);
const load = () => (loadavg()[0] ?? 0).toFixed(0);
const before = load();
await runSinks(
  {
    rows: options.rows,
    rowBytes: options['row-bytes'],
    partitions: options.partitions,
    tasks: options.tasks,
    buffer: options.buffer ?? null,
    only: (options.only ?? '').split(',').filter((word) => word !== ''),
  },
  (line) => process.stdout.write(`${line}\n`),
);
process.stdout.write(`The load of the machine was ${before} to ${load()}.\n`);
