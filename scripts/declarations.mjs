// `node scripts/declarations.mjs FOLDER` keeps of the declarations in FOLDER those that an application which
// imports the package can reach from index.d.ts. `tsc` writes one for every source.
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What a declaration imports: `from './x.ts'` and `import('./x.ts')`. */
const IMPORTS = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say in which folder.');
const reached = new Set();
reach(resolve(folder, 'index.d.ts'));
const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) =>
  resolve(folder, path),
);
for (const file of entries) if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
removeEmptyFolders(folder);

function reach(file) {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORTS))
    reach(resolve(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')));
}

function removeEmptyFolders(parent) {
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const child = join(parent, entry.name);
    removeEmptyFolders(child);
    if (readdirSync(child).length === 0) rmdirSync(child);
  }
}
