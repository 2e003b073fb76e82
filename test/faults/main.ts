import { parseArgs } from 'node:util';
import { DONE_TO_SECURE, FAULTS, possible } from './catalogue.ts';
import { BROKER_HOST } from './cluster.ts';
import { runFaults } from './run.ts';
import { hasOwnNames, NAMED_BROKERS, runWithOwnNames } from './secure/own-names.ts';
import { summary } from './summary.ts';

/**
 * `npm run faults -- --minutes 10 [--seed N] [--strikes N] [--only kill,pause] [--secure]`: the long form of
 * what `npm test` runs for a minute.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    strikes: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    secure: { type: 'boolean', default: false },
    'replication-factor': { type: 'string', default: '3' },
    'per-second': { type: 'string', default: '2000' },
    brokers: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '30' },
    overlap: { type: 'string', default: '4' },
  },
});
const { secure } = values;
if (secure && !hasOwnNames()) {
  if (process.getuid?.() !== 0)
    throw new Error('--secure gives brokers names of their own, which root alone can');
  const ids = Array.from({ length: Number(values.brokers) }, (_, index) => String(index + 1));
  const named = ids.map((id) => [NAMED_BROKERS.replace('{id}', id), BROKER_HOST.replace('{id}', id)]);
  process.exit(await runWithOwnNames(Object.fromEntries(named)));
}
const all = secure ? { ...FAULTS, ...DONE_TO_SECURE } : FAULTS;
const chosen = (values.only?.split(',') ?? Object.keys(all)).map((name) => {
  const fault = all[name];
  if (!fault) throw new Error(`--only ${name}: the faults are ${Object.keys(all).join(', ')}`);
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
    secure,
  },
  say,
);
for (const line of summary(report)) say(line);
// What does nothing finds nothing.
const idle = Object.keys(report.workloads).filter((name) => report.workloads[name] === 0);
if (report.seconds >= 60) for (const name of idle) say(`violation: ${name} acknowledged nothing`);
const isIdle = report.seconds >= 60 && idle.length > 0;
process.exitCode =
  !isIdle && Object.values(report.violations).every((examples) => examples.length === 0) ? 0 : 1;
