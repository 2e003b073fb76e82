import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = import.meta.dirname;

/**
 * Loaded by hundreds of processes in a test run, and by every broker: each of these has its price in time and
 * memory.
 */
const NODE_MODULES = [
  'node:crypto',
  'node:fs',
  'node:fs/promises',
  'node:module',
  'node:net',
  'node:os',
  'node:path',
  'node:perf_hooks',
  'node:sqlite',
  'node:timers',
  'node:url',
  'node:zlib',
];
/** What a node's process needs whole. */
const LAYERS = [
  'base',
  'platform',
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
  'broker',
];
/** And of the others these files. */
const OTHERS = [
  // Brokers check the signatures of clients that sign in by IAM.
  'aws/signing/canonical-request.ts',
  'aws/signing/sigv4.ts',
  'aws/signing/uri-encode.ts',
  'control/called-names.ts',
  'control/folder-lock.ts',
  'control/loopback.ts',
  'control/steps/port-holder.ts',
  'engines/embedded/control-server.ts',
  'engines/embedded/control-socket.ts',
  'engines/embedded/exit-status.ts',
  'engines/embedded/exporters-config.ts',
  'engines/embedded/exporters.ts',
  'engines/embedded/layout.ts',
  'engines/embedded/node-config.ts',
  'engines/embedded/node-exporter.ts',
  'engines/embedded/node-process.ts',
  'main.ts',
];

test('a process of a broker or controller loads no package, little of Node, and nothing of the control plane and the command line', () => {
  const { own, foreign } = loaded('main.ts', /^async function runNodeProcess[\s\S]*?^}/m);
  expect(own.length).toBeGreaterThan(500);
  expect(own.filter((file) => !OTHERS.includes(file) && !LAYERS.includes(file.split('/')[0] ?? ''))).toEqual(
    [],
  );
  expect(foreign.filter((name) => !NODE_MODULES.includes(name))).toEqual([]);
  expect(OTHERS.filter((file) => !own.includes(file))).toEqual([]);
});

/**
 * What is loaded with a file by its imports and theirs, in this project and outside of it; of `import()` only
 * those in `part` of the file's text.
 */
function loaded(entry: string, part: RegExp): { readonly own: string[]; readonly foreign: string[] } {
  const own = new Set<string>();
  const foreign = new Set<string>();
  const load = (file: string, targets: readonly string[]): void => {
    own.add(file);
    for (const target of targets) {
      const path = relative(ROOT, resolve(ROOT, file, '..', target));
      if (!target.startsWith('.')) foreign.add(target);
      else if (!own.has(path)) load(path, imports(textOf(path)));
    }
  };
  const text = textOf(entry);
  const later = (part.exec(text)?.[0] ?? '').matchAll(/\bimport\('([^']+)'\)/g);
  load(entry, [...imports(text), ...[...later].map(([, target = '']) => target)]);
  return { own: [...own], foreign: [...foreign] };
}

/** Types are gone in what runs. */
function imports(text: string): string[] {
  return [...text.matchAll(/^(?:import|export) (?!type\b)(?:[^;]*? from )?'([^']+)';/gm)].map(
    ([, target = '']) => target,
  );
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
