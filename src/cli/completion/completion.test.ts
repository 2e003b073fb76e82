import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clustersCreate } from '../clusters/clusters-create.ts';
import { clustersDescribe } from '../clusters/clusters-describe.ts';
import type { Command } from '../command.ts';
import { usersDelete } from '../iam/iam-users.ts';
import { configsSet } from '../kafka/configs-set.ts';
import { consume } from '../kafka/consume.ts';
import type { ConnectKafka } from '../kafka/kafka-target.ts';
import { topicsDescribe } from '../kafka/topics-describe.ts';
import { run } from '../run.ts';
import { completion } from './completion.ts';

const connect: ConnectKafka = () => {
  throw new Error('nobody is asked here');
};
const commands: Command[] = [
  clustersCreate,
  clustersDescribe,
  completion,
  configsSet(connect),
  consume(connect),
  topicsDescribe(connect),
  usersDelete,
];

const TOPICS = ['payments'];

/** The words that the last one may become, on a server with a cluster and two topics. */
async function complete(...words: string[]): Promise<string[]> {
  const lines: string[] = [];
  const program = {
    version: '1',
    commands: commands.map((command) => ({ ...command, load: async () => command })),
    askNames: async (kind: string, given: { text(name: string): string }) =>
      ({
        cluster: ['demo', 'other'],
        broker: ['1', '2'],
        'iam-user': ['alice', 'bob'],
        topic: [`orders@${given.text('cluster')}`, ...TOPICS],
      })[kind] ?? [],
  };
  const output = { line: (text: string) => void lines.push(text), complain() {}, onUnheard() {} };
  expect(await run(program, ['__complete', ...words], output)).toBe(0);
  return lines.map((line) => line.split('\t')[0] ?? '');
}

test.each([
  [['cl'], ['clusters']],
  [[''], ['clusters', 'completion', 'configs', 'consume', 'topics', 'iam']],
  [
    ['clusters', ''],
    ['create', 'describe'],
  ],
  [['clusters', 'd'], ['describe']],
  [['iam', ''], ['users']],
  [['iam', 'users', ''], ['delete']],
  [['iam', 'users', 'delete', 'a'], ['alice']],
  [['iam', 'users', 'delete', 'alice', ''], []],
  [['iam', 'keys', ''], []],
  [
    ['clusters', 'describe', ''],
    ['demo', 'other'],
  ],
  [['clusters', 'describe', 'o'], ['other']],
  [['clusters', 'describe', 'demo', ''], []],
  [['clusters', 'create', 'name', '--z'], ['--zones']],
  [['clusters', 'create', 'name', '--zones', ''], []],
  [['clusters', 'create', '--client-broker', 'TLS_'], ['TLS_PLAINTEXT']],
  [['topics', 'describe', '--cluster', 'd'], ['demo']],
  [['topics', 'describe', '--cluster', 'demo', 'ord'], ['orders@demo']],
  [
    ['consume', 'payments', '--format', ''],
    ['text', 'json', 'hex'],
  ],
  [['consume', '--json', '--js'], []],
  [
    ['configs', 'set', ''],
    ['topic', 'broker', 'brokers'],
  ],
  [['configs', 'set', 'topic', 'pay'], ['payments']],
  [
    ['configs', 'set', 'broker', ''],
    ['1', '2'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['nonsense', 'more', ''], []],
])('%j: %j', async (words, expected) => {
  expect(await complete(...words)).toEqual(expected);
});

test('a name that a shell would obey is not completed', async () => {
  const hostile = [
    'x$(touch it)',
    '`touch it`',
    'x;touch',
    'x&touch',
    'x|y',
    'x>y',
    'x y',
    'x*',
    '--data',
    '~root',
    "x'y",
    'x"y',
    'x\\y',
    'x\ny',
    '\x1b[2J',
    '#x',
    '!x',
    '',
  ];
  TOPICS.push(...hostile, 'größe.v2-1_x');
  try {
    expect(await complete('topics', 'describe', '--cluster', 'demo', '')).toEqual([
      'orders@demo',
      'payments',
      'größe.v2-1_x',
    ]);
  } finally {
    TOPICS.splice(1);
  }
});

describe('the script of a shell', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'completion-'));
    // Answers with what it is asked, as a candidate.
    const fake =
      '#!/bin/sh\n[ "$1" = __complete ] && shift && printf "%s\\tabout it: much\\nsecond\\t\\n" "$*"\n';
    writeFileSync(join(folder, 'millrace'), fake, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function script(shell: string): Promise<string> {
    const lines: string[] = [];
    await run(
      { version: '1', commands: [{ ...completion, load: async () => completion }] },
      ['completion', shell],
      { line: (text) => void lines.push(text), complain() {}, onUnheard() {} },
    );
    return lines.join('\n');
  }

  function shell(name: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync(name, args, {
      encoding: 'utf8',
      // What waits for an output that does not come ends with less than it should say.
      timeout: 110_000,
      // A shell complains of a locale that its machine does not have.
      env: {
        ...process.env,
        LC_ALL: 'C',
        PATH: `${folder}:${process.env.PATH}`,
        HOME: folder,
        TERM: 'xterm',
      },
    });
    expect(stderr).toBe('');
    return stdout;
  }

  /** The tests install zsh and fish where they can; bash is on all machines that they run on. */
  const isThere = (name: string): boolean => spawnSync(name, ['-c', 'true']).status === 0;

  test('bash', async () => {
    const typed = 'COMP_WORDS=(millrace topics "describe" or) COMP_CWORD=3; _millrace millrace or describe';
    expect(shell('bash', '-c', `${await script('bash')}\n${typed}; printf '%s\\n' "\${COMPREPLY[@]}"`)).toBe(
      'topics describe or\nsecond\n',
    );
  });

  if (isThere('zsh'))
    test('zsh', async () => {
      // Shows what it is given: the name of the list, and what is in it.
      const show = '_describe() { print -l -- "$@[3,-1]" "$' + '{(@P)3}" }';
      const typed = `words=(millrace topics describe or); CURRENT=4; ${show}; _millrace`;
      const stub = 'compdef() { : }\n';
      expect(shell('zsh', '-f', '-c', `${stub}${await script('zsh')}\n${typed}`)).toBe(
        'found\ntopics describe or:about it: much\nsecond:\n',
      );
    });

  if (isThere('zsh'))
    test('zsh, as a person types into it', async () => {
      writeFileSync(join(folder, '_millrace'), await script('zsh'));
      // A candidate of its own for each line, with what a shell would take apart.
      const fake = String.raw`#!/bin/sh
shift
case "$*" in
  'clusters describe arn:') printf 'arn:aws:kafka:x/y-1\tcluster\n' ;;
  'logs ') printf 'server\tnode\nbroker-1\tnode\n' ;;
esac
`;
      const bin = mkdtempSync(join(folder, 'bin-'));
      writeFileSync(join(bin, 'millrace'), fake, { mode: 0o755 });
      writeFileSync(join(bin, 'records.txt'), '');
      // Each \`zpty -r\` waits until the shell has shown what matches; the echo of the commands does not.
      const session = String.raw`
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "cd $1; fpath=($2 \$fpath); PATH=$1:\$PATH; autoload -U compinit; compinit -u -D; PS1='DO''NE>'"
        zpty -r shell seen '*DONE>*'
        tab() { zpty -w -n shell "$1"$'\t'; zpty -r shell seen "$2"; zpty -w -n shell $'\n'; zpty -r shell seen '*DONE>*' }
        tab 'millrace clusters describe arn:' '*arn:aws:kafka:x/y-1*'
        tab 'millrace logs ' '*broker-1*server*-- node*'
        tab 'millrace produce orders rec' '*records.txt*'
        print all of it`;
      expect(shell('zsh', '-f', '-c', session, 'zsh', bin, folder)).toBe('all of it\n');
    });

  if (isThere('fish'))
    test('fish', async () => {
      const typed = 'complete -C "millrace topics describe or"';
      expect(shell('fish', '--no-config', '-c', `${await script('fish')}\n${typed}`)).toContain('describe');
    });
});
