import { numberOption, runOptions, seedOption } from '../support/run-options.ts';
import { killAll } from './run.ts';

const options = runOptions(
  'kill-all',
  'Kills all brokers at once, again and again, under load. Status 1 when a promise was broken.',
  {
    rounds: numberOption('How often.', 100, { least: 1 }),
    seed: seedOption(),
    'work-ms': numberOption('Milliseconds of work before each kill.', 6000),
    'replication-factor': numberOption('Copies of each partition: 1, or 3 for any other number.', 3, {
      least: 1,
    }),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`kill-all: seed ${options.seed}`);
const report = await killAll({
  rounds: options.rounds,
  seed: options.seed,
  workMs: options['work-ms'],
  replicationFactor: options['replication-factor'] === 1 ? 1 : 3,
  say,
});
for (const violation of report.violations) say(violation);
process.exitCode = report.violations.length === 0 ? 0 : 1;
