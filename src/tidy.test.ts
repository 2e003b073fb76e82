import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = import.meta.dirname;

/** The architecture, executable: which layer may import which. A layer may always import itself. */
const LAYERS: Record<string, readonly string[]> = {
  base: [],
  platform: ['base'],
  protocol: ['base'],
  security: ['base', 'protocol', 'aws'],
  storage: ['base', 'protocol'],
  metadata: ['base', 'protocol'],
  server: ['base', 'protocol', 'security'],
  client: ['base', 'protocol', 'security'],
  'kafka-client': ['base', 'protocol', 'security', 'client'],
  connectors: ['base', 'aws', 'kafka-client'],
  raft: ['base', 'protocol', 'storage', 'metadata', 'client'],
  controller: ['base', 'protocol', 'security', 'metadata', 'raft', 'server', 'client'],
  replication: ['base', 'protocol', 'storage', 'metadata', 'client'],
  coordinator: ['base', 'protocol', 'metadata'],
  broker: [
    'base',
    'protocol',
    'security',
    'storage',
    'metadata',
    'server',
    'client',
    'raft',
    'controller',
    'replication',
    'coordinator',
  ],
  aws: ['base'],
  control: ['base', 'platform', 'protocol', 'aws', 'security', 'metadata', 'client'],
  processes: ['base', 'platform'],
  'log-delivery': ['base', 'platform', 'processes', 'aws', 'control'],
  engines: [
    'base',
    'platform',
    'processes',
    'log-delivery',
    'security',
    'aws',
    'client',
    'control',
    'broker',
    'controller',
    'protocol',
  ],
  connect: ['base', 'platform', 'processes', 'log-delivery', 'security', 'aws', 'control', 'connectors'],
  library: [
    'base',
    'platform',
    'protocol',
    'security',
    'storage',
    'metadata',
    'client',
    'controller',
    'broker',
    'control',
    'engines',
  ],
  cli: ['base', 'security', 'aws', 'control', 'kafka-client'],
};

/** The files at the top of src put the layers together; they may import everything. */
const COMPOSITION = ['main.ts', 'commands.ts', 'start-server.ts', 'index.ts'];

/** Layers that reach the machine only through the World they are given. */
const CORE = [
  'base',
  'protocol',
  'security',
  'storage',
  'metadata',
  'server',
  'client',
  'kafka-client',
  'raft',
  'controller',
  'replication',
  'coordinator',
  'broker',
];

/** Node modules that are pure computation, each in the one file that wraps it. */
const PURE_NODE_MODULES: Record<string, readonly string[]> = {
  'node:zlib': ['protocol/records/'],
  'node:crypto': ['security/'],
  // Loads checksum and compression codecs when they are first needed.
  'node:module': ['protocol/records/native.ts'],
};

/**
 * Types that have their name in common with another: rooms that are alike (groups of consumers and of
 * streams), and words of Kafka and of Kafka Connect for what two programs each know.
 */
const SHARED_NAMES = [
  'AssignableMember',
  'CommittedOffset',
  'ConfigResource',
  'Field',
  'LogLevel',
  'Partitioner',
  'ProducerIdentity',
  'Reconciliation',
  'TarFile',
];

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, layer: name.split('/')[0] ?? '', text: readFileSync(join(ROOT, name), 'utf8') }));

/** All tests, and what unit tests are made of. */
const tests = ['.', '../test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') || /(^|\/)testing\/.*\.ts$/.test(name))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
);

/** Everything that tests are made of outside `src/`. */
const programs = readdirSync(join(ROOT, '../test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(ROOT, '../test', name), 'utf8'));

function imports(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

describe('the layer table', () => {
  test('every source file belongs to a layer or composes them', () => {
    const homeless = sources.filter(({ name, layer }) => !(layer in LAYERS) && !COMPOSITION.includes(name));
    expect(homeless.map(({ name }) => name)).toEqual([]);
  });

  test('every import points down', () => {
    const wrong: string[] = [];
    for (const { name, layer, text } of sources) {
      if (COMPOSITION.includes(name)) continue;
      for (const target of imports(text).filter((path) => path.startsWith('.'))) {
        const to = relative(ROOT, resolve(ROOT, name, '..', target)).split('/')[0] ?? '';
        if (to !== layer && !LAYERS[layer]?.includes(to)) wrong.push(`${name} imports ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('a promise of the core that nobody waits for has a supervisor, which ends the process when it rejects', () => {
    const wrong: string[] = [];
    for (const { name, layer, text } of sources)
      if (CORE.includes(layer))
        for (const [call] of code(text).matchAll(/(?<![:|<] ?)\bvoid (?:this|[a-z]\w*)[.(#][^\n]*/g))
          wrong.push(`${name}: ${call}`);
    expect(wrong).toEqual([]);
  });

  test('a file is renamed into place only by what has it and its folder on the device', () => {
    const renaming = sources.filter(
      ({ text }) =>
        imports(text).some((module) => module.startsWith('node:fs')) && /\brename(Sync)?\b/.test(code(text)),
    );
    expect(renaming.map(({ name }) => name).sort()).toEqual([
      'platform/node-disk.ts',
      'platform/replace-file.ts',
    ]);
  });

  test('the core reaches the machine only through its World', () => {
    const wrong: string[] = [];
    for (const { name, layer, text } of sources) {
      if (!CORE.includes(layer)) continue;
      for (const module of imports(text).filter((path) => path.startsWith('node:')))
        if (!PURE_NODE_MODULES[module]?.some((prefix) => name.startsWith(prefix)))
          wrong.push(`${name} imports ${module}`);
      for (const banned of ['Math.random', 'randomUUID', 'process.'])
        if (code(text).replaceAll("'process.roles'", '').includes(banned))
          wrong.push(`${name} uses ${banned}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('configs', () => {
  const tables = sources.filter(({ name }) => name.startsWith('metadata/configs/'));
  const readers = sources.filter(({ name }) => !/^metadata\/configs\/|\/testing\//.test(name));
  const rows = tables.flatMap(({ name, text }) =>
    [...text.matchAll(/^export const (\w+) = \{\n([\s\S]*?)^\} as const;/gm)].flatMap(
      ([, table, body = '']) =>
        [...body.matchAll(/^ {2}(\w+): \w+\('([^']+)'.*$/gm)].map(([line, property, config = '']) => ({
          file: name,
          table,
          property,
          config,
          isObeyed: /, (live|atStart)\b/.test(line),
        })),
    ),
  );
  const references = new Set(
    tables
      .flatMap(({ text }) => [...text.matchAll(/brokerConfigs: \[(.*?)\]/g)])
      .flatMap(([, names = '']) => [...names.matchAll(/'([^']+)'/g)].map(([, name]) => name)),
  );
  /** Every `table.property` that a reader has. */
  const read = new Set(
    readers.flatMap(({ text }) => [...text.matchAll(/\b\w+(?:Configs|Keys)\.\w+/g)]).map(([key]) => key),
  );

  test('a key is named after its config', () => {
    expect(rows.length).toBeGreaterThan(390);
    const camel = (config: string) =>
      config.replace(/\.([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    expect(rows.filter(({ property, config }) => property !== camel(config))).toEqual([]);
  });

  test('a key that says it is obeyed has a reader', () => {
    const unread = rows.filter(
      ({ table, property, config, isObeyed }) =>
        isObeyed && !references.has(config) && !read.has(`${table}.${property}`),
    );
    expect(unread.map(({ config }) => config)).toEqual([]);
  });

  test('a key that says it is obeyed is set by a test that sees its effect', () => {
    const set = new Set(
      tests
        .flatMap((text) => [...code(text).matchAll(/\b(?:effect|setting)\(\s*(\w+\.\w+),/g)])
        .map(([, key]) => key),
    );
    const unseen = rows.filter(
      ({ table, property, isObeyed }) => isObeyed && !set.has(`${table}.${property}`),
    );
    expect(
      unseen.map(({ config }) => config),
      'Add an `effect(…)` in src/broker/configs/testing/effects, or start something with `setting(…)` in its test.',
    ).toEqual([]);
  });

  test('a key that says it is not obeyed has none', () => {
    const obeyed = rows.filter(
      ({ table, property, isObeyed }) => !isObeyed && read.has(`${table}.${property}`),
    );
    expect(obeyed.map(({ config }) => config)).toEqual([]);
  });
});

describe('a test has the patience that a busy machine needs', () => {
  test('where it waits by Vitest, whose own limit is a second', () => {
    const waits = tests.flatMap((text) =>
      [...text.matchAll(/\bvi\.wait(?:For|Until)(?=\()/g)].map(callIn(text)),
    );
    expect(waits.length).toBeGreaterThan(20);
    const endsWithTime = /,\s*(\d[\d_]*|[A-Z][A-Z_]+|\{ timeout: [^{}]+ \}),?\s*\)$/;
    expect(waits.filter((call) => !endsWithTime.test(call))).toEqual([]);
  });

  test('where kafkajs tries once: by itself it waits a second for a connection and its handshake', () => {
    const files = programs.filter((text) => text.includes("from 'kafkajs'"));
    const calls = files.flatMap((text) => [...text.matchAll(/\bnew Kafka(?=\(\{)/g)].map(callIn(text)));
    const once = [...files, ...calls].filter((text) => /retry: \{ retries: 0 \}/.test(text));
    expect(once.length).toBeGreaterThan(10);
    expect(once.filter((text) => !text.includes('connectionTimeout'))).toEqual([]);
  });

  test('where kafkajs shakes hands by TLS, however often it tries', () => {
    const secure = programs
      .flatMap((text) => [...text.matchAll(/\bnew Kafka(?=\(\{)/g)].map(callIn(text)))
      .filter((call) => /\bssl\b/.test(call));
    expect(secure.length).toBeGreaterThan(5);
    expect(secure.filter((call) => !call.includes('connectionTimeout'))).toEqual([]);
  });

  test('where it runs kcat, which by itself has 5 s to learn of a topic', () => {
    const started = programs.flatMap((text) =>
      [...text.matchAll(/\b(?:run|spawn|spawnSync)(?=\(\s*'kcat')/g)].map(callIn(text)),
    );
    expect(started.length).toBeGreaterThan(2);
    // A producer asks for nothing before it writes.
    expect(started.filter((call) => !/'-m'|'-P'/.test(call))).toEqual([]);
  });
});

test('a test that compares the status of an answer shows its body where it differs: `answered`', () => {
  expect(programs.some((text) => text.includes('await answered(200, '))).toBe(true);
  const alone = [...tests, ...programs].flatMap(
    (text) => text.match(/expect\(.*\.status\)\.toBe\(.*/g) ?? [],
  );
  expect(alone).toEqual([]);
});

/** The call, with its arguments, at a match that ends before its parenthesis. */
function callIn(text: string): (match: RegExpExecArray) => string {
  return ({ index }) => {
    let depth = 0;
    for (let end = text.indexOf('(', index); end < text.length; end++) {
      if (text[end] === '(') depth++;
      if (text[end] === ')' && --depth === 0) return text.slice(index, end + 1);
    }
    return text.slice(index);
  };
}

test('a name of a type has one meaning', () => {
  const files = new Map<string, string[]>();
  for (const { name, text } of sources)
    for (const [, type = ''] of text.matchAll(/^export (?:abstract )?(?:class|interface|type) (\w+)/gm))
      files.set(type, [...(files.get(type) ?? []), name]);
  expect(files.size).toBeGreaterThan(1000);
  const shared = [...files].filter(([, names]) => names.length > 1).map(([type]) => type);
  expect(shared.sort(), 'Call one of them by what tells it apart.').toEqual(SHARED_NAMES);
});

test('comments stay within the width that the formatter keeps code in', () => {
  const { formatter } = JSON.parse(readFileSync(join(ROOT, '../biome.json'), 'utf8'));
  const wide = sources
    // Written by scripts.
    .filter(({ name }) => !['library/config-types.ts', 'control/api/answer-shapes.ts'].includes(name))
    .flatMap(({ name, text }) =>
      text.split('\n').map((line, index) => ({ line, at: `${name}:${index + 1}` })),
    )
    .filter(({ line }) => line.length > formatter.lineWidth && /^\s*(\*|\/\/|\/\*)/.test(line));
  expect(wide.map(({ at }) => at)).toEqual([]);
});

test('no source holds a note to self or a stray print', () => {
  const wrong = sources.flatMap(({ name, text }) =>
    ['FIXME', 'XXX', 'console.log', 'debugger']
      .filter((word) => code(text, word === 'FIXME' || word === 'XXX').includes(word))
      .map((word) => `${name}: ${word}`),
  );
  expect(wrong).toEqual([]);
});

test('a private field is readonly, or something assigns it', () => {
  const fields = sources.flatMap(({ name, text }) =>
    [...code(text).matchAll(/^ {2}#(\w+)(?:: [^=\n]+)? = /gm)].map(([, field = '']) => ({
      name,
      text,
      field,
    })),
  );
  expect(fields.length).toBeGreaterThan(400);
  const constant = fields.filter(({ text, field }) => {
    const name = `\\.#${field}\\b`;
    // An assignment or a counter.
    return !new RegExp(
      `${name} (?:[-+*/|&?]{0,2}=[^=]|\\*\\*=)|${name}(?:\\+\\+|--)|(?:\\+\\+|--)\\w+${name}`,
    ).test(text);
  });
  expect(
    constant.map(({ name, field }) => `${name}: #${field}`),
    'Declare it readonly; a flag that nothing sets, as isStopped, protects nothing.',
  ).toEqual([]);
});

/** The text without comments, unless they are what is searched. */
function code(text: string, withComments = false): string {
  return withComments ? text : text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
