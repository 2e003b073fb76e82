import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { FEATURES, TRAITS } from './cluster/features.ts';
import { runPlanted } from './planted/run-planted.ts';
import { cluster } from './scenarios/cluster.ts';
import { compactionCrash } from './scenarios/compaction-crash.ts';
import { controllerCrash } from './scenarios/controller-crash.ts';
import { logCrash } from './scenarios/log-crash.ts';
import { replication } from './scenarios/replication.ts';
import { freshSeed } from './seeds.ts';

const SCENARIOS: { readonly [name: string]: (seed: number) => Promise<unknown> } = {
  cluster: (seed) => cluster(seed),
  'log-crash': (seed) => logCrash(seed),
  'compaction-crash': (seed) => compactionCrash(seed),
  'controller-crash': (seed) => controllerCrash(seed),
  replication: (seed) => replication(seed),
};

const USAGE = `npm run sim -- [--seed N] [--minutes M] [--scenario ${Object.keys(SCENARIOS).join('|')}]
  --seed      that seed alone; without it, new seeds as long as time lasts
  --minutes   how long, 1 by default
  --scenario  only this one
  --features  of the cluster, instead of those a seed picks: ${FEATURES.join(', ')}
  --traits    of the cluster, instead of those a seed picks; '' for none: ${TRAITS.join(', ')}
npm run sim -- --planted [--bug TEXT]
  plants known bugs one by one and shows which test catches each; with --bug, those whose names have the text`;
/** More failures than anybody reads; they are most often one. */
const FAILURES_SHOWN = 5;

const exitCode = await main();
process.exitCode = exitCode;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      features: { type: 'string' },
      traits: { type: 'string' },
      planted: { type: 'boolean', default: false },
      bug: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.planted) return (await runPlanted(values.bug)) === 0 ? 0 : 1;
  const chosen = Object.entries(SCENARIOS).filter(([name]) => !values.scenario || values.scenario === name);
  const features = namesIn(values.features, FEATURES);
  const traits = namesIn(values.traits, TRAITS);
  if (values.help || chosen.length === 0 || features === null || traits === null) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 1;
  }
  const startedAt = Date.now();
  const deadline = startedAt + Number(values.minutes) * 60_000;
  const counts = { runs: 0, failures: 0 };
  do {
    const seed = values.seed === undefined ? freshSeed() : Number(values.seed);
    for (const [name, run] of chosen) {
      counts.runs++;
      const once = () => (name === 'cluster' ? cluster(seed, { features, traits }) : run(seed));
      if (!(await survives(name, once))) counts.failures++;
    }
  } while (values.seed === undefined && Date.now() < deadline && counts.failures < FAILURES_SHOWN);
  const rate = (counts.runs / Math.max(0.001, (Date.now() - startedAt) / 1000)).toFixed(2);
  process.stdout.write(`${counts.runs} runs, ${counts.failures} failures, ${rate} runs a second\n`);
  return counts.failures === 0 ? 0 : 1;
}

/** Undefined where nothing was said, null when one of them is not known. */
function namesIn<Name extends string>(
  text: string | undefined,
  known: readonly Name[],
): Name[] | undefined | null {
  if (text === undefined) return undefined;
  const parts = text.split(',').filter((part) => part !== '');
  const names = known.filter((name) => parts.includes(name));
  return names.length === parts.length ? names : null;
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
