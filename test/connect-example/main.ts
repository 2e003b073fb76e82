import { runExample } from './run.ts';

/**
 * `npm run connect-example`: docs/connect-example.md as a reader does it, on real servers. Status 1 and what
 * was seen instead when it is not as the page says.
 */
await runExample((line) => process.stdout.write(`${line}\n`));
