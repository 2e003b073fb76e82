import { parseArgs } from 'node:util';
import { type Fault, killAllBrokers, killBroker, pauseBroker } from './faults.ts';
import { runFaults } from './run.ts';

/** `npm run faults -- --minutes 10 [--seed N] [--strikes N] [--only kill]`: the long form of what `npm test` runs for a minute. */
const FAULTS: Record<string, Fault> = { kill: killBroker, 'kill-all': killAllBrokers, pause: pauseBroker };

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    strikes: { type: 'string', default: '1000000' },
    only: { type: 'string', default: Object.keys(FAULTS).join(',') },
    'replication-factor': { type: 'string', default: '3' },
    'per-second': { type: 'string', default: '2000' },
  },
});
const chosen = values.only.split(',').map((name) => {
  const fault = FAULTS[name];
  if (!fault) throw new Error(`--only ${name}: the faults are ${Object.keys(FAULTS).join(', ')}`);
  return fault;
});

process.stdout.write(`faults: seed ${values.seed}\n`);
const report = await runFaults(
  {
    seed: Number(values.seed),
    faults: chosen,
    strikes: Number(values.strikes),
    seconds: Number(values.minutes) * 60,
    brokers: 3,
    replicationFactor: Number(values['replication-factor']),
    producers: 2,
    perSecond: Number(values['per-second']),
  },
  (line) => process.stdout.write(`${line}\n`),
);
process.stdout.write(
  `\n${report.acknowledged} acknowledged in ${report.seconds.toFixed(0)} s, ${report.failed} failed, ${report.read} read\n`,
);
for (const { name } of chosen) {
  const gaps = report.strikes.filter(({ fault }) => fault === name).map((strike) => strike.longestGapMs);
  gaps.sort((a, b) => a - b);
  process.stdout.write(
    `${name}: ${gaps.length} times, longest gap ${gaps.at(-1) ?? 0} ms, median ${gaps[gaps.length >> 1] ?? 0} ms\n`,
  );
}
let violations = 0;
for (const [kind, examples] of Object.entries(report.violations)) {
  violations += examples.length;
  process.stdout.write(
    `${kind}: ${examples.length}${examples.length > 0 ? `, such as ${examples.slice(0, 3).join('; ')}` : ''}\n`,
  );
}
process.exitCode = violations === 0 ? 0 : 1;
