import { namesOption, numberOption, runOptions } from '../support/run-options.ts';
import { runPlugins } from './run.ts';
import { TESTED_PLUGINS } from './tested-plugins.ts';

const NAMES = Object.keys(TESTED_PLUGINS);

const { rows, only } = runOptions(
  'plugins',
  'Connectors of others bring rows from one end to the other while their workers are killed. Status 1 when a row is missing or twice.',
  {
    rows: numberOption('How many rows.', 5000, { least: 1 }),
    only: namesOption('Only these.', NAMES, NAMES),
  },
);
await runPlugins({ rows, only }, (line) => process.stdout.write(`${line}\n`));
