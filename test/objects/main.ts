import { numberOption, runOptions, seedOption } from '../support/run-options.ts';
import { runObjects } from './run.ts';

const options = runOptions(
  'objects',
  'Records become objects of an S3 server while workers and brokers are killed. Status 1 when one is missing or there twice.',
  {
    seconds: numberOption('How long records come.', 60),
    'per-second': numberOption('Records a second.', 1000, { least: 1 }),
    'kill-every': numberOption('Seconds from a kill to the next.', 5, { least: 1 }),
    seed: seedOption(),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`objects: seed ${options.seed}`);
const { written, objects, kills, missing, twice } = await runObjects(
  {
    seconds: options.seconds,
    perSecond: options['per-second'],
    killEveryMs: options['kill-every'] * 1000,
    seed: options.seed,
  },
  say,
);
say(
  `${written} records, ${kills} kills, ${objects} objects: ${missing} records are missing, ${twice} are there twice`,
);
process.exitCode = missing === 0 && twice === 0 ? 0 : 1;
