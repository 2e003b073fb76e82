import { parseArgs } from 'node:util';
import { killAll } from './run.ts';

/**
 * `node scripts/run.mjs kill-all --rounds 100 [--seed N] [--work-ms 6000] [--replication-factor 1]`: the long
 * form of what `npm test` runs.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'work-ms': { type: 'string', default: '6000' },
    'replication-factor': { type: 'string', default: '3' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`kill-all: seed ${values.seed}`);
const report = await killAll({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  workMs: Number(values['work-ms']),
  replicationFactor: values['replication-factor'] === '1' ? 1 : 3,
  say,
});
for (const violation of report.violations) say(violation);
process.exitCode = report.violations.length === 0 ? 0 : 1;
