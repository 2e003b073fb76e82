import { runOptions } from '../support/run-options.ts';
import { life } from './life.ts';

runOptions(
  'life',
  'The life of one cluster under load, from its creation to its deletion. Prints each step with the seconds since the beginning. Status 1 when a promise was broken.',
  {},
);

// At a signal this process exits, so that its exit handlers stop what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const began = performance.now();
try {
  await life((line) =>
    process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`),
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
