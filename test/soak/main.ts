import { parseArgs } from 'node:util';
import { runSoak } from './run.ts';

/**
 * `npm run soak -- [--minutes 30] [--per-second 2000]`: status 1 when a worker's memory grows, or something
 * is missing or twice.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    'per-second': { type: 'string', default: '2000' },
  },
});
const violations = await runSoak(
  { minutes: Number(values.minutes), perSecond: Number(values['per-second']) },
  (line) => process.stdout.write(`${line}\n`),
);
for (const violation of violations) process.stdout.write(`${violation}\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
