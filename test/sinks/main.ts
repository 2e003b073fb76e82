import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runSinks } from './run.ts';

/**
 * `npm run sinks -- [--rows 500000] [--row-bytes 200] [--partitions 6] [--tasks 2] [--buffer BYTES] [--only
 * file]`
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    'row-bytes': { type: 'string', default: '200' },
    partitions: { type: 'string', default: '6' },
    tasks: { type: 'string', default: '2' },
    buffer: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const load = () => (loadavg()[0] ?? 0).toFixed(0);
const before = load();
await runSinks(
  {
    rows: Number(values.rows),
    rowBytes: Number(values['row-bytes']),
    partitions: Number(values.partitions),
    tasks: Number(values.tasks),
    buffer: values.buffer === undefined ? null : Number(values.buffer),
    only: values.only.split(',').filter((word) => word !== ''),
  },
  (line) => process.stdout.write(`${line}\n`),
);
process.stdout.write(`The load of the machine was ${before} to ${load()}.\n`);
