import { numberOption, runOptions } from '../support/run-options.ts';
import { waysIn } from './run.ts';

const { from, changes } = runOptions(
  'ways-in',
  'Changes how clients of a cluster sign in from every way that MSK allows to every other, under load. Status 1 when a client noticed it, or came in where it may not.',
  {
    from: numberOption('The number of the first change.', 1, { least: 1 }),
    changes: numberOption('How many of the 156 changes.', 156, { least: 1 }),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
const acknowledged = await waysIn({ from, changes, say });
say(`ways-in: ${acknowledged} writes acknowledged and read, 0 problems`);
