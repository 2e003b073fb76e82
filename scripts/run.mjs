// Runs the project's commands: `npm start`, `npm test` and the others. Plain JavaScript that Node 20 can
// read, because it installs everything else: the first time a newer Node (if the running one is too old), the
// dependencies, and a build. After that each of these steps only looks at a few files.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { neededTools } from './needed-tools.mjs';

/**
 * The version for development, tests and benchmarks; installed from npm if the running Node is older than
 * `engines` says.
 */
const NODE_VERSION = '24.21.0';
const OLDEST_NODE = [22, 18];
const NODE_PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

/** Each history leaves buffers behind; with a small heap their collection took a third of the time. */
const SIMULATED = ['--initial-old-space-size=256'];
const CRASH_TESTS = ['test/aws/operation-crashes.test.ts', 'test/aws/processes.test.ts'];

/** The steps of each command, in order; the first that fails ends it. */
const COMMANDS = {
  start: [build, (args) => node('bin/millrace.mjs', 'up', ...args)],
  build: [build],
  check: [check],
  // Millrace's own commands, as `npm run millrace -- clusters list`.
  millrace: [build, (args) => node('bin/millrace.mjs', ...args)],
  // With arguments, only the selected tests run and only the tools that they need are installed, as in `npm
  // test -- test/aws`.
  test: [
    (args) => testTools(neededTools(args)),
    build,
    (args) => args.length === 0 && check(),
    (args) => tool('vitest', 'vitest', 'run', ...args),
  ],
  sim: [(args) => node(...SIMULATED, 'sim/run.ts', ...args)],
  fuzz: [(args) => node('test/fuzz/main.ts', ...args)],
  bench: [
    (args) => testTools(args.includes('--no-kafka') || args.includes('--replicated') ? [] : ['kafka-tools']),
    build,
    (args) => node('bench/main.ts', ...args),
  ],
  faults: [
    () => testTools(['kafka-tools', 'kcat', 'nft']),
    build,
    (args) => node('test/faults/main.ts', ...args),
  ],
  // Tests every point at which the control plane may die during a change; `npm test` takes every third.
  crashes: [
    build,
    (args) => {
      environment.MILLRACE_EVERY_CRASH = 'true';
      return tool('vitest', 'vitest', 'run', ...CRASH_TESTS, '-t', 'kill -9 of the control plane', ...args);
    },
  ],
  // One cluster under load from its creation to its deletion: an upgrade, a full volume, added and removed
  // brokers.
  life: [build, (args) => node('test/life/main.ts', ...args)],
  // Debezium captures a database that changes while everything is killed.
  debezium: [
    () => testTools(['kafka-connect', 'connectors', 'postgresql', 'mariadb', 'kcat']),
    build,
    (args) => node('test/debezium/main.ts', ...args),
  ],
  // Millrace's Kafka client copies a topic exactly once, on brokers of Millrace and of Apache Kafka, while
  // they are killed.
  'client-kills': [
    () => testTools(['kafka-tools']),
    build,
    (args) => node('test/kafka-client/kills/main.ts', ...args),
  ],
  // Connectors of other vendors write records to an S3 server while workers and brokers are killed; every
  // object is read.
  objects: [() => testTools(['versitygw']), build, (args) => node('test/objects/main.ts', ...args)],
  // Apache Kafka's own integration tests, with clusters of Millrace in the place of Kafka's.
  'kafka-tests': [() => testTools(['kafka-tests']), (args) => node('test/kafka-tests/main.ts', ...args)],
  // Random records through the built-in worker's transforms and through Kafka Connect's own.
  transforms: [() => testTools(['kafka-connect']), (args) => node('test/transforms/main.ts', ...args)],
  // Runs the commands of docs/connect-example.md with real servers.
  'connect-example': [
    () => testTools(['kafka-connect', 'postgresql', 'versitygw', 'opensearch']),
    build,
    (args) => node('test/connect-example/main.ts', ...args),
  ],
  // Connectors of other vendors that are no captures: each moves rows from one end to the other while its
  // workers are killed.
  plugins: [
    () => testTools(['kafka-connect', 'connectors', 'mirror', 'iceberg', 'postgresql', 'versitygw']),
    build,
    (args) => node('test/plugins/main.ts', ...args),
  ],
  // Compares Millrace's sinks with Kafka Connect's: rows a second, processor time and memory of the workers.
  sinks: [
    () => testTools(['kafka-connect', 'iceberg', 'postgresql', 'versitygw']),
    build,
    (args) => node('test/sinks/main.ts', ...args),
  ],
  // Records flow into S3 and OpenSearch for half an hour: the memory of Millrace's workers must not grow.
  soak: [() => testTools(['versitygw', 'opensearch']), build, (args) => node('test/soak/main.ts', ...args)],
  // UpdateSecurity from every way in to every other, under load.
  'ways-in': [build, (args) => node('test/ways-in/main.ts', ...args)],
  // Clients come and go under new names: the memory of brokers must not grow with their number.
  churn: [(args) => node('--expose-gc', 'test/churn/main.ts', ...args)],
  floods: [build, (args) => node('test/hostile/floods/main.ts', ...args)],
  'kill-all': [build, (args) => node('test/durability/main.ts', ...args)],
};

const [name = '', ...args] = process.argv.slice(2);
const steps = COMMANDS[name];
if (!steps) fail(`There is no command "${name}": say one of ${Object.keys(COMMANDS).join(', ')}.`);

const nodeProgram = newEnoughNode();
const environment = {
  ...process.env,
  PATH: [dirname(nodeProgram), process.env.PATH].join(delimiter),
};
installDependencies();
// Help for a development command is printed without installing what the command needs.
const isAskedForHelp = args.some((arg) => arg === '--help' || arg === '-h');
const isHelpful = !['start', 'millrace', 'build', 'check'].includes(name);
for (const step of isAskedForHelp && isHelpful ? steps.slice(-1) : steps) await step(args);

async function check() {
  await format();
  await types();
  await uses();
}

function format() {
  return tool('@biomejs/biome', 'biome', 'check');
}

function types() {
  return tool('typescript', 'tsc', '--noEmit');
}

function uses() {
  return tool('knip', 'knip');
}

function testTools(names) {
  return names.length > 0 && node('scripts/test-tools.mjs', ...names);
}

/** The running Node, or the one in `.toolchain`, which is installed if it is missing. */
function newEnoughNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]))
    return process.execPath;
  const folder = join(root, '.toolchain', 'node_modules', NODE_PACKAGE);
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== NODE_VERSION) {
    say(
      `This is Node ${process.versions.node}; installing Node ${NODE_VERSION} into .toolchain (once, about 50 MB)`,
    );
    npm(process.env, 'install', '--prefix', '.toolchain', `${NODE_PACKAGE}@${NODE_VERSION}`);
  }
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Installs dependencies if they differ from package-lock.json. `npm ci` cannot do this: it refuses a lock
 * file without an optional package of another platform, and npm writes such a file when it could not see that
 * package.
 */
function installDependencies() {
  const wanted = lockedPackages('package-lock.json');
  const installed = lockedPackages('node_modules/.package-lock.json');
  const missing = Object.entries(wanted).filter(
    // Missing optional packages are for other platforms: those for this one were installed with the rest.
    ([path, entry]) => path !== '' && !entry.optional && installed[path]?.version !== entry.version,
  );
  if (missing.length === 0) return;
  say(`Installing the dependencies (${missing.length} of ${Object.keys(wanted).length} are missing or old)`);
  npm(environment, 'install', '--no-save');
}

function lockedPackages(file) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).packages ?? {}) : {};
}

/** Builds dist from src if any of its inputs has changed: the types, and the JavaScript in a few files. */
async function build() {
  const stamp = join('dist', '.built-from');
  const sources = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  say('Building dist');
  const next = `dist.${process.pid}`;
  rmSync(next, { recursive: true, force: true });
  await tool('typescript', 'tsc', '-p', 'tsconfig.build.json', '--outDir', next);
  await node('scripts/declarations.mjs', next);
  await node('scripts/bundle.mjs', next);
  writeFileSync(join(next, '.built-from'), sources);
  // The new folder replaces the old one at once: a process that starts meanwhile finds one of the two,
  // complete.
  const last = `dist.${process.pid}.old`;
  if (existsSync('dist')) renameSync('dist', last);
  renameSync(next, 'dist');
  rmSync(last, { recursive: true, force: true });
}

/** A text that changes when a file is added, removed or written. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join('src', file));
  const scripts = ['scripts/bundle.mjs', 'scripts/declarations.mjs'];
  const others = [...scripts, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  for (const file of [...files, ...others].sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** A program of a development dependency, run by the Node that was chosen. */
function tool(packageName, binary, ...toolArgs) {
  const folder = join('node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return node(join(folder, typeof bin === 'string' ? bin : bin[binary]), ...toolArgs);
}

/** Runs a program to its end. If it fails, this process exits with its status. */
function node(...nodeArgs) {
  const child = spawn(nodeProgram, nodeArgs, { stdio: 'inherit', env: environment });
  // A terminal sends Ctrl-C to the child as well; a signal to this process alone is meant for the child.
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      for (const one of signals) process.off(one, forward);
      if (status === 0) done();
      else process.exit(status ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function npm(env, ...npmArgs) {
  const { status } = spawnSync('npm', npmArgs, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...env, npm_config_audit: 'false', npm_config_fund: 'false' },
  });
  if (status !== 0) fail(`npm ${npmArgs.join(' ')} failed: see above.`);
}

function say(text) {
  process.stderr.write(`millrace: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
