import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  namesOption,
  numberOption,
  oneOfOption,
  readOptions,
  switchOption,
  textOption,
} from './run-options.ts';

const ROOT = join(import.meta.dirname, '../..');

const OPTIONS = {
  minutes: numberOption('How long.', 10, { least: 1 }),
  seed: numberOption('The seed.', undefined),
  only: namesOption('Only these.', ['kill', 'pause', 'cut'], ['kill', 'pause']),
  traits: namesOption('Of the cluster.', ['slow', 'old'], undefined, { mayBeNone: true }),
  database: oneOfOption('The database.', ['postgresql', 'mariadb'], 'postgresql'),
  record: textOption('Where to.', 'FILE'),
  secure: switchOption('With TLS.'),
};

test('what is not said is as it is by default', () => {
  expect(readOptions([], OPTIONS)).toEqual({
    minutes: 10,
    only: ['kill', 'pause'],
    database: 'postgresql',
    secure: false,
  });
});

test('what is said is read as what it is', () => {
  const args = ['--minutes', '2.5', '--seed=0', '--only', 'cut,kill', '--traits', ''];
  expect(readOptions([...args, '--database', 'mariadb', '--record=-', '--secure'], OPTIONS)).toEqual({
    ...{ minutes: 2.5, seed: 0, only: ['kill', 'cut'], traits: [], database: 'mariadb' },
    ...{ record: '-', secure: true },
  });
});

test.each([
  [['--minuts', '1'], 'There is no option --minuts. Did you mean --minutes?'],
  [['-x'], 'There is no option -x.'],
  [['--toString'], 'There is no option --toString.'],
  [['ten'], '"ten" is no option.'],
  [['--minutes'], '--minutes needs a value: N.'],
  [['--minutes', '--secure'], '--minutes needs a value: N.'],
  [['--minutes', 'ten'], '--minutes takes a number of 1 or more, not "ten".'],
  [['--minutes', '0'], '--minutes takes a number of 1 or more, not "0".'],
  [['--minutes='], '--minutes takes a number of 1 or more, not "".'],
  [['--minutes', 'Infinity'], '--minutes takes a number of 1 or more, not "Infinity".'],
  [['--only', 'kill,pauze'], '--only takes names of kill, pause, cut, not "pauze".'],
  [['--only', ''], '--only takes names of kill, pause, cut, not "".'],
  [['--database', 'oracle'], '--database takes postgresql or mariadb, not "oracle".'],
  [['--secure=yes'], '--secure takes no value.'],
])('%j: %s', (args, sentence) => {
  expect(() => readOptions(args, OPTIONS)).toThrow(sentence);
});

/** The programs of `npm run NAME` that only their own file names. */
const PROGRAMS = [
  ...readFileSync(join(ROOT, 'scripts/run.mjs'), 'utf8').matchAll(/'((?:sim|bench|test)\/[\w/-]+\.ts)'/g),
]
  .map(([, file = '']) => file)
  .filter((file) => !file.endsWith('.test.ts'));

describe('the programs of development commands', () => {
  test.each(PROGRAMS)('%s reads its options in this way, and says its name', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(text).not.toContain('parseArgs');
    const [, said = ''] = /runOptions\(\s*'([\w-]+)'/.exec(text) ?? [];
    const run = readFileSync(join(ROOT, 'scripts/run.mjs'), 'utf8');
    const command = new RegExp(`^  '?${said}'?: [^#]*?'${file}'`, 'm').exec(run)?.[0] ?? '';
    expect(
      command.split('\n').filter((line) => /^ {2}\S/.test(line) && !line.startsWith('  //')).length,
    ).toBe(1);
  });

  test('npm run transforms -- --help lists them, and installs and builds nothing', () => {
    const program = join(ROOT, 'scripts/run.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'transforms', '--help'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^npm run transforms -- \[OPTIONS\]\n/);
    expect(stdout).toMatch(/^ {2}--cases N +How many records\. Default: 20000\.$/m);
  });

  test('a mistake is one sentence, and ends with 2', () => {
    const module = join(ROOT, 'test/support/run-options.ts');
    const program = `const { numberOption, runOptions } = await import(${JSON.stringify(module)});
      runOptions('fuzz', 'Alters.', { minutes: numberOption('How long.', 1) });`;
    const args = ['--input-type=module', '-e', program, '--', 'fuzz', '--minuts', '1'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toBe(
      'There is no option --minuts. Did you mean --minutes?\n"npm run fuzz -- --help" lists the options.\n',
    );
  });
});
