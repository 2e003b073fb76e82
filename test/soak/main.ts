import { numberOption, runOptions } from '../support/run-options.ts';
import { runSoak } from './run.ts';

const { minutes, 'per-second': perSecond } = runOptions(
  'soak',
  "Records flow into S3 and OpenSearch through built-in connectors. Status 1 when a worker's memory grows, or something is missing or twice.",
  {
    minutes: numberOption('How long.', 30),
    'per-second': numberOption('Records a second.', 2000, { least: 1 }),
  },
);
const violations = await runSoak({ minutes, perSecond }, (line) => process.stdout.write(`${line}\n`));
for (const violation of violations) process.stdout.write(`${violation}\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
