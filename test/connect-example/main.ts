import { runOptions } from '../support/run-options.ts';
import { runExample } from './run.ts';

runOptions(
  'connect-example',
  'The commands of docs/connect-example.md on real servers, as a reader gives them. Status 1 and what was seen instead when it is not as the page says.',
  {},
);
await runExample((line) => process.stdout.write(`${line}\n`));
