import { parseArgs } from 'node:util';
import { FAULTS, possible } from './catalogue.ts';
import { runFaults } from './run.ts';
import { summary } from './summary.ts';

/** `npm run faults -- --minutes 10 [--seed N] [--strikes N] [--only kill,pause]`: the long form of what `npm test` runs for a minute. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    strikes: { type: 'string', default: '1000000' },
    only: { type: 'string', default: Object.keys(FAULTS).join(',') },
    'replication-factor': { type: 'string', default: '3' },
    'per-second': { type: 'string', default: '2000' },
    brokers: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '30' },
    overlap: { type: 'string', default: '4' },
  },
});
const chosen = values.only.split(',').map((name) => {
  const fault = FAULTS[name];
  if (!fault) throw new Error(`--only ${name}: the faults are ${Object.keys(FAULTS).join(', ')}`);
  return fault;
});
const say = (line: string) => process.stdout.write(`${line}\n`);

// So that cuts are healed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

say(`faults: seed ${values.seed}`);
const report = await runFaults(
  {
    seed: Number(values.seed),
    faults: possible(chosen, say),
    strikes: Number(values.strikes),
    seconds: Number(values.minutes) * 60,
    brokers: Number(values.brokers),
    replicationFactor: Number(values['replication-factor']),
    partitions: Number(values.partitions),
    producers: 2,
    perSecond: Number(values['per-second']),
    overlap: Number(values.overlap),
  },
  say,
);
for (const line of summary(report)) say(line);
process.exitCode = Object.values(report.violations).every((examples) => examples.length === 0) ? 0 : 1;
