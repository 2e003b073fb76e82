import { parseArgs } from 'node:util';
import { runPlugins } from './run.ts';

/**
 * `npm run plugins -- [--rows 5000] [--only jdbc,iceberg,mirror]`: status 1 and the difference when a row did
 * not arrive, or arrived twice.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000' },
    only: { type: 'string', default: 'jdbc,iceberg,mirror' },
  },
});
await runPlugins({ rows: Number(values.rows), only: values.only.split(',') }, (line) =>
  process.stdout.write(`${line}\n`),
);
