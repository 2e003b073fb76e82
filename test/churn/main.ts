import { numberOption, runOptions } from '../support/run-options.ts';
import { churn } from './run.ts';

const { rounds, clients } = runOptions(
  'churn',
  'Clients come and go under new names. Status 1 when the memory of the brokers grows with their number.',
  {
    rounds: numberOption('How many times.', 4, { least: 3 }),
    clients: numberOption('How many clients each time.', 200, { least: 1 }),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
const left = await churn({ rounds, clientsEach: clients, say });
say(`churn: each client has left ${Math.round(left)} bytes`);
