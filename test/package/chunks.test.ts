import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const CHUNKS = join(import.meta.dirname, '../../dist/chunks');
const names = readdirSync(CHUNKS).filter((name) => name.endsWith('.js'));

/** A chunk runs where another needs it, which no test of the command line reaches for every one of them. */
test('every chunk of dist can be loaded, whichever of a circle is loaded first', () => {
  expect(names.length).toBeGreaterThan(100);
  const inCircles = names.filter((name) => isImportedBy(name, name));
  const failed = [names, ...inCircles.map((name) => [name])].filter((some) => !load(some));
  expect(failed).toEqual([]);
});

/** Loads them in this order in a process of their own. Throws what Node says of one that cannot be loaded. */
function load(some: readonly string[]): boolean {
  const urls = some.map((name) => pathToFileURL(join(CHUNKS, name)).href);
  const program = `for (const url of ${JSON.stringify(urls)}) await import(url); console.log('loaded');`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  return printed === 'loaded\n';
}

/** Whether `name` is among what `importer` imports, and what that imports. */
function isImportedBy(name: string, importer: string): boolean {
  const seen = new Set<string>();
  const look = (file: string): boolean =>
    importsOf(file).some((other) => {
      if (other === name) return true;
      if (seen.has(other)) return false;
      seen.add(other);
      return look(other);
    });
  return look(importer);
}

const read = new Map<string, readonly string[]>();

/** What is loaded with a chunk; `import()` is not. */
function importsOf(name: string): readonly string[] {
  const known = read.get(name);
  if (known) return known;
  const text = readFileSync(join(CHUNKS, name), 'utf8');
  const others = [...text.matchAll(/^(?:import|export) (?:[^;]*? from )?"\.\/([^"]+)";$/gm)].map(
    ([, other = '']) => other,
  );
  read.set(name, others);
  return others;
}
