import { namesOption, numberOption, runOptions, seedOption, switchOption } from '../support/run-options.ts';
import { DONE_TO_SECURE, FAULTS, possible } from './catalogue.ts';
import { BROKER_HOST } from './cluster.ts';
import { runFaults } from './run.ts';
import { hasOwnNames, NAMED_BROKERS, runWithOwnNames } from './secure/own-names.ts';
import { summary } from './summary.ts';

const ALL = { ...FAULTS, ...DONE_TO_SECURE };

const options = runOptions(
  'faults',
  'Real processes under real clients and faults. Status 1 when what producers were told or consumers read is not so.',
  {
    minutes: numberOption('How long.', 10),
    seed: seedOption(),
    strikes: numberOption('The most faults.', 1_000_000),
    only: namesOption('Only these faults; the last two with --secure alone.', Object.keys(ALL), undefined),
    secure: switchOption('A cluster with TLS, SCRAM and ACLs, for root.'),
    'replication-factor': numberOption('Copies of each partition.', 3, { least: 1 }),
    'per-second': numberOption('Records a second.', 2000, { least: 1 }),
    brokers: numberOption('Brokers of the cluster.', 3, { least: 1 }),
    partitions: numberOption('Partitions of its topic.', 30, { least: 1 }),
    overlap: numberOption('The most faults at a time that are not over when the next begins.', 4),
  },
);
const { secure } = options;
if (secure && !hasOwnNames()) {
  if (process.getuid?.() !== 0) fail('--secure gives brokers names of their own, which root alone can.');
  const ids = Array.from({ length: options.brokers }, (_, index) => String(index + 1));
  const named = ids.map((id) => [NAMED_BROKERS.replace('{id}', id), BROKER_HOST.replace('{id}', id)]);
  process.exit(await runWithOwnNames(Object.fromEntries(named)));
}
const possibleHere = secure ? ALL : FAULTS;
const chosen = (options.only ?? Object.keys(possibleHere)).map((name) => {
  const fault = possibleHere[name];
  if (!fault) fail(`--only ${name} needs --secure.`);
  return fault;
});
const say = (line: string) => process.stdout.write(`${line}\n`);

// At a signal the cuts are healed first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

say(`faults: seed ${options.seed}`);
const report = await runFaults(
  {
    seed: options.seed,
    faults: possible(chosen, say),
    strikes: options.strikes,
    seconds: options.minutes * 60,
    brokers: options.brokers,
    replicationFactor: options['replication-factor'],
    partitions: options.partitions,
    producers: 2,
    perSecond: options['per-second'],
    overlap: options.overlap,
    secure,
    shares: true,
  },
  say,
);
for (const line of summary(report)) say(line);
// A workload that did nothing has proved nothing.
const idle = Object.keys(report.workloads).filter((name) => report.workloads[name] === 0);
if (report.seconds >= 60) for (const name of idle) say(`violation: ${name} acknowledged nothing`);
const isIdle = report.seconds >= 60 && idle.length > 0;
process.exitCode =
  !isIdle && Object.values(report.violations).every((examples) => examples.length === 0) ? 0 : 1;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
