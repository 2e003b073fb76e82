import { type ExecFileSyncOptions, execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block } from '../support/page-blocks.ts';

/**
 * The recipes of docs/testing-your-application.md, unchanged, with the package as `npm pack` makes it, in the
 * folder of the test runners, so that what a user installs beside it is found.
 */

const ROOT = join(import.meta.dirname, '../..');
const RUNNERS = join(ROOT, '.test-tools/test-runners');
const PAGE = readFileSync(join(ROOT, 'docs/testing-your-application.md'), 'utf8');
const ENVIRONMENT = {
  // Variables that Vitest sets for this run must not reach another Vitest.
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|JEST|DEV$|PROD$)/.test(name),
    ),
  ),
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
};
const missing = !existsSync(join(RUNNERS, 'node_modules'));
/** By themselves Vitest and Jest give a test and a hook 5 s, which a busy machine needs for a start. */
const PATIENCE_MS = '120000';
const run = promisify(execFile);

let projects: string;

beforeAll(() => {
  if (missing) return;
  projects = mkdtempSync(join(RUNNERS, 'projects-'));
  writeFileSync(join(projects, 'package.json'), '{ "private": true }');
  const quiet: ExecFileSyncOptions = { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] };
  execFileSync('npm', ['pack', '--pack-destination', projects], { cwd: ROOT, ...quiet });
  const [archive = ''] = readdirSync(projects).filter((name) => name.endsWith('.tgz'));
  // What it depends on is in a folder above: `package.test.ts` has npm install that.
  const installed = join(projects, 'node_modules/millrace');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(projects, archive), '-C', installed, '--strip-components=1'], quiet);
});

afterAll(() => {
  if (!missing) rmSync(projects, { recursive: true, force: true });
});

/** The files of one recipe: the code blocks below its comments. */
function project(recipe: string): string {
  const folder = join(projects, recipe);
  mkdirSync(folder);
  const files = [...PAGE.matchAll(/<!-- (\S+): (\S+) -->\n```\w+\n([\s\S]*?)\n```/g)].filter(
    ([, name]) => name === recipe,
  );
  expect(files.length).toBeGreaterThan(0);
  for (const [, , name = '', text = ''] of files) writeFileSync(join(folder, name), `${text}\n`);
  return folder;
}

async function passes(folder: string, program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(process.execPath, [program, ...args], {
      cwd: folder,
      env: ENVIRONMENT,
      timeout: 480_000,
    });
    return stdout + stderr;
  } catch (error) {
    throw new Error(
      `${program} ${args.join(' ')}: ${JSON.stringify(error, ['stdout', 'stderr', 'signal'], 2)}`,
    );
  }
}

const tool = (path: string): string => join(RUNNERS, 'node_modules', path);

describe.skipIf(missing)('the recipe for', () => {
  test.each(['vitest', 'vitest-shared'])('%s', async (recipe) => {
    const folder = project(recipe);
    const patient = ['--testTimeout', PATIENCE_MS, '--hookTimeout', PATIENCE_MS];
    expect(await passes(folder, tool('vitest/vitest.mjs'), 'run', '--root', folder, ...patient)).toMatch(
      /1 passed/,
    );
  });

  test.each([
    ['jest', /Tests: +2 passed/],
    ['jest-shared', /Tests: +1 passed/],
  ])('%s', async (recipe, summary) => {
    const folder = project(recipe);
    if (recipe === 'jest') writeFileSync(join(folder, 'jest.config.js'), 'module.exports = {};\n');
    const patient = ['--testTimeout', PATIENCE_MS];
    const output = await passes(folder, tool('jest/bin/jest.js'), '--rootDir', folder, ...patient);
    expect(output).toMatch(summary);
    expect(output).not.toMatch(/did not exit|open handles|was not stopped/);
  });

  test('node', async () => {
    const folder = project('node');
    expect(await passes(folder, '--test')).toMatch(/pass 2/);
  });

  test('mocha', async () => {
    const folder = project('mocha');
    expect(await passes(folder, tool('mocha/bin/mocha.js'), '*.test.cjs')).toMatch(/1 passing/);
  });
});

/** Added after the code of the pages, which ends with `kafka`. */
const TOPICS = `
const admin = kafka.admin();
await admin.connect();
console.log('topics:', ...(await admin.listTopics()));
await admin.disconnect();
`;

describe.skipIf(missing)('the lines of', () => {
  test.each([
    ['README.md', block('README.md', 'import { startCluster }')],
    [
      'docs/coming-from.md',
      block('docs/coming-from.md', '// before').replace(
        /^[\s\S]*\/\/ after$/m,
        "import { startCluster } from 'millrace';",
      ),
    ],
  ])('%s start a cluster and connect to it', async (page, lines) => {
    const folder = join(projects, `lines-${basename(page)}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'lines.mts'), `import { Kafka } from 'kafkajs';\n${lines}\n${TOPICS}`);
    expect(await passes(folder, join(folder, 'lines.mts'))).toContain('topics: orders\n');
  });
});

describe.skipIf(missing)('the types are found', () => {
  test.each(['index.mts', 'index.cts', 'index.ts'])('by %s', async (name) => {
    const folder = join(projects, `types-${name}`);
    mkdirSync(folder);
    const source = `
      import { startCluster, type StartedCluster, type StartClusterOptions } from 'millrace';
      const options: StartClusterOptions = { brokers: 3, config: { 'num.partitions': 3, 'auto.create.topics.enable': false } };
      export const started: Promise<StartedCluster> = startCluster(options);
      export const url: Promise<string> = startCluster({ api: true }).then(({ api }) => api);
      // @ts-expect-error: no such option
      export const wrong = startCluster({ broker: 3 });
      // @ts-expect-error: no such config
      export const misspelt = startCluster({ config: { 'num.partition': 3 } });
    `;
    writeFileSync(join(folder, name), source);
    const compilerOptions = {
      noEmit: true,
      strict: true,
      module: 'nodenext',
      lib: ['ES2023', 'ESNext.Disposable'],
      types: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }));
    await passes(folder, tool('typescript/bin/tsc'));
  });
});
