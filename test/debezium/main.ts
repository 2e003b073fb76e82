import { parseArgs } from 'node:util';
import { DATABASES, runDebezium } from './run.ts';

/**
 * `npm run debezium -- --changes 100000 [--database mariadb] [--seed N] [--kills 12] [--workers 2]
 * [--per-second 1000]`: 10,000 changes and 6 kills without options.
 */
const { values } = parseArgs({
  options: {
    database: { type: 'string', default: 'postgresql' },
    changes: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '6' },
    workers: { type: 'string', default: '2' },
    'per-second': { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const isDatabase = (name: string): name is keyof typeof DATABASES => Object.hasOwn(DATABASES, name);
const { database } = values;
if (!isDatabase(database))
  throw new Error(`--database takes ${Object.keys(DATABASES).join(' or ')}, not ${database}`);
say(`debezium: ${database}, seed ${values.seed}`);
const { counts, seconds, brokenApart, violations } = await runDebezium(
  {
    database,
    seed: Number(values.seed),
    changes: Number(values.changes),
    perSecond: Number(values['per-second']),
    workers: Number(values.workers),
    kills: Number(values.kills),
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
