import { numberOption, oneOfOption, runOptions, seedOption } from '../support/run-options.ts';
import { DATABASES, runDebezium } from './run.ts';

const isDatabase = (name: string): name is keyof typeof DATABASES => Object.hasOwn(DATABASES, name);
const options = runOptions(
  'debezium',
  'Debezium captures a database that changes while everything is killed. Status 1 when a change is missing or twice.',
  {
    database: oneOfOption('The database.', Object.keys(DATABASES).filter(isDatabase), 'postgresql'),
    changes: numberOption('Changes of rows.', 10_000, { least: 1 }),
    kills: numberOption('Kills meanwhile.', 6),
    workers: numberOption('Workers of the connector.', 2, { least: 1 }),
    'per-second': numberOption('Changes a second.', 500, { least: 1 }),
    seed: seedOption(),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
const { database, seed, changes, workers, kills } = options;
say(`debezium: ${database}, seed ${seed}`);
const { counts, seconds, brokenApart, violations } = await runDebezium(
  {
    ...{ database, seed, changes, workers, kills },
    perSecond: options['per-second'],
  },
  say,
);
say(
  `${counts.inserted} rows inserted, ${counts.updated} updated, ${counts.deleted} deleted, ${counts.moved} with another key, ${counts.rolledBack} transactions rolled back in ${seconds.toFixed(0)} s`,
);
for (const change of brokenApart)
  say(`Debezium broke a change apart (debezium/dbz#2549): ${JSON.stringify(change)}`);
for (const violation of violations) say(violation);
say(violations.length === 0 ? 'Every change is captured exactly once.' : 'The capture is wrong.');
process.exitCode = violations.length === 0 ? 0 : 1;
