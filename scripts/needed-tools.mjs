// Finds which tools of test-tools.mjs are needed by the tests that `npm test -- …` selects. Plain JavaScript,
// because it runs before anything is installed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The folder of each project of vitest.config.ts. */
const FOLDERS = { unit: 'src', sim: 'sim', clients: 'test', 'clients-alone': 'test' };

/** Patterns of code that runs a tool. */
const SIGNS = [
  [/\bkafkaJars\('tools'\)/, 'kafka-tools'],
  [/\bkafkaJars\('connect'\)/, 'kafka-connect'],
  [/\bkafkaJars\('tests'\)/, 'kafka-tests'],
  [/\bkafkaJar\b/, 'kafka-definitions'],
  [/hasCommand\('kcat'\)/, 'kcat'],
  [/hasCommand\('nft'\)/, 'nft'],
  [/\bisThere\('(zsh|fish)'\)/, 'shells'],
  [/\.test-tools\/python/, 'python-clients'],
  [/\.test-tools\/aws/, 'aws-tools'],
  [/\.test-tools\/iam-/, 'iam-clients'],
  [/\.test-tools\/go-clients/, 'go-clients'],
  [/\.test-tools\/test-runners/, 'test-runners'],
];

/** `args` are Vitest's arguments: words select the files whose path contains them, options are ignored. */
export function neededTools(args) {
  const projects = args.flatMap((arg, i) => (arg === '--project' ? [args[i + 1]] : []));
  const folders = Object.keys(FOLDERS)
    .filter((project) => projects.length === 0 || projects.includes(project))
    .map((project) => FOLDERS[project]);
  const files = [...new Set(folders)]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((name) => name.endsWith('.test.ts'));
  const words = args.filter((arg) => !arg.startsWith('-')).map((arg) => arg.replace(/:\d+$/, ''));
  const chosen = files.filter((file) => words.some((word) => file.includes(word)));
  // Words that select no file are values of options.
  const reached = new Set();
  for (const file of chosen.length > 0 ? chosen : files) reach(join(root, file), reached);
  const texts = [...reached].map((file) => readFileSync(file, 'utf8'));
  return SIGNS.filter(([sign]) => texts.some((text) => sign.test(text))).map(([, tool]) => tool);
}

/** Follows the imports of the file within the tests. Files of src run no tools, and scripts define them. */
function reach(file, reached) {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = join(dirname(file), path);
    if (/^(test|sim)\b/.test(relative(root, target))) reach(target, reached);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(neededTools(process.argv.slice(2)).join(' '));
