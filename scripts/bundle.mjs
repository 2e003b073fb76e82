// `node scripts/bundle.mjs FOLDER` writes src as a few JavaScript files into FOLDER. Node takes about a
// millisecond of processor time for each module that it loads, whatever its size. A broker has more than six
// hundred modules; as thirty files it is ready in half the time.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
/**
 * The layers of a node's process, from the bottom up. Each becomes a few files with its name, by which
 * processes load what of it, so that the lines of a stack trace name the part of the project. Everything else
 * is divided by who alone loads it.
 */
const LAYERS = [
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
  'broker',
];

/** Smaller pieces are joined with pieces that nearly the same files load. */
const SMALLEST_BYTES = 10_000;
/**
 * Layers whose pieces stay as they are: two that were joined to others would import each other, and what one
 * of them needs when it is loaded may not be there yet (`test/package/chunks.test.ts`).
 */
const NEVER_JOINED = ['security'];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say into which folder.');
const bundle = await rolldown({
  input: { main: join(SRC, 'main.ts'), index: join(SRC, 'index.ts') },
  platform: 'node',
  transform: { target: 'node22.18' },
  // Modules of Node and of packages.
  external: /^(?![./])/,
});
await bundle.write({
  dir: folder,
  // The full name of a layer's file would list all files that load it.
  chunkFileNames: ({ name }) => `chunks/${name.split('~')[0]}.js`,
  minifyInternalExports: false,
  comments: { jsdoc: false },
  codeSplitting: {
    groups: LAYERS.map((layer, at) => ({
      name: layer,
      entriesAware: true,
      entriesAwareMergeThreshold: NEVER_JOINED.includes(layer) ? 0 : SMALLEST_BYTES,
      test: (file) => relative(SRC, file).startsWith(`${layer}/`),
      // A layer includes what its files import, unless a lower layer has it.
      priority: LAYERS.length - at,
    })),
  },
});
await bundle.close();
