import { execFileSync } from 'node:child_process';
import {
  namesOption,
  numberOption,
  runOptions,
  switchOption,
  textOption,
} from '../test/support/run-options.ts';
import { FEATURES } from './cluster/features.ts';
import { TRAITS } from './cluster/traits.ts';
import { runPlanted } from './planted/run-planted.ts';
import { cluster } from './scenarios/cluster.ts';
import { compactionCrash } from './scenarios/compaction-crash.ts';
import { controllerCrash } from './scenarios/controller-crash.ts';
import { logCrash } from './scenarios/log-crash.ts';
import { replication } from './scenarios/replication.ts';
import { seedsToRun } from './seeds.ts';
import { Tally } from './tally.ts';

const SCENARIOS: { readonly [name: string]: (seed: number) => Promise<unknown> } = {
  cluster: (seed) => cluster(seed),
  'log-crash': (seed) => logCrash(seed),
  'compaction-crash': (seed) => compactionCrash(seed),
  'controller-crash': (seed) => controllerCrash(seed),
  replication: (seed) => replication(seed),
};
const SCENARIO_NAMES = Object.keys(SCENARIOS);

/** The number of failures that are printed: most often they have one cause. */
const FAILURES_SHOWN = 5;

const exitCode = await main();
process.exitCode = exitCode;

async function main(): Promise<number> {
  const options = runOptions(
    'sim',
    'Runs histories in the simulated world, under faults that a seed picks.',
    {
      seed: numberOption('That seed alone. Default: new seeds as long as time lasts.', undefined),
      from: numberOption('This seed and the ones after it, as long as time lasts.', undefined),
      count: numberOption('With --from: how many seeds, however long they take.', undefined, { least: 1 }),
      minutes: numberOption('How long.', 1),
      scenario: namesOption('Only these.', SCENARIO_NAMES, SCENARIO_NAMES),
      features: namesOption('Of the cluster, instead of those that a seed picks.', FEATURES, undefined),
      traits: namesOption(
        "Of the cluster, instead of those that a seed picks; '' for none.",
        TRAITS,
        undefined,
        {
          mayBeNone: true,
        },
      ),
      planted: switchOption('Plant known bugs one by one, and show which test catches each; nothing else.'),
      bug: textOption('With --planted: only the bugs whose names have this text.', 'TEXT'),
    },
  );
  if (options.planted) return (await runPlanted(options.bug ?? '')) === 0 ? 0 : 1;
  const chosen = Object.entries(SCENARIOS).filter(([name]) => options.scenario.includes(name));
  const { features, traits } = options;
  const tally = new Tally(chosen.map(([name]) => name));
  for (const seed of seedsToRun(options)) {
    for (const [name, run] of chosen) {
      const once = () => (name === 'cluster' ? cluster(seed, { features, traits }) : run(seed));
      tally.ran(name, seed, await survives(name, once));
    }
    if (tally.failures >= FAILURES_SHOWN) break;
  }
  process.stdout.write(tally.text());
  return tally.failures === 0 ? 0 : 1;
}

async function survives(name: string, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    const text =
      error instanceof Error
        ? `${error.message}\n${String(error.cause instanceof Error ? error.cause.stack : '')}`
        : String(error);
    process.stdout.write(`${name} at commit ${commit()}\n${text}\n`);
    return false;
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown (not a git checkout)';
  }
}
