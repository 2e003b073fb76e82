// `node scripts/bundle.mjs FOLDER`: src as few files of JavaScript in FOLDER. Node takes about a millisecond of a processor for each
// module that it loads, whatever is in it; a broker has more than six hundred, and is ready in half the time when they are thirty.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
/**
 * The layers of a node's process, from the bottom up. Each becomes a few files with its name, by who loads what of it, so that the lines of a
 * stack trace say where in the project they are. Everything else is cut by who loads it alone.
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

/** What is shorter is put to what is loaded by nearly the same. */
const SMALLEST_BYTES = 10_000;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say into which folder.');
const bundle = await rolldown({
  input: { main: join(SRC, 'main.ts'), index: join(SRC, 'index.ts') },
  platform: 'node',
  transform: { target: 'node22.18' },
  // Node's own modules and those of packages.
  external: /^(?![./])/,
});
await bundle.write({
  dir: folder,
  // The names of a layer's files list those who load them.
  chunkFileNames: ({ name }) => `chunks/${name.split('~')[0]}.js`,
  minifyInternalExports: false,
  comments: { jsdoc: false },
  codeSplitting: {
    groups: LAYERS.map((layer, at) => ({
      name: layer,
      entriesAware: true,
      entriesAwareMergeThreshold: SMALLEST_BYTES,
      test: (file) => relative(SRC, file).startsWith(`${layer}/`),
      // A layer takes along what its files import, unless one below has it.
      priority: LAYERS.length - at,
    })),
  },
});
await bundle.close();
