import { randomInt } from 'node:crypto';
import { namesOption, numberOption, runOptions } from '../support/run-options.ts';
import { fuzz } from './fuzz.ts';
import { fuzzIam } from './iam.ts';
import { fuzzParsing } from './parsing.ts';
import { fuzzSignIn } from './sign-in.ts';
import { fuzzStrangers } from './strangers.ts';

/**
 * The kinds of input: requests where everybody may connect; sign-ins with all requests before and after them;
 * frames of clients that never sign in; bytes that are only parsed; and messages of IAM's mechanisms. The last
 * three use no sockets.
 */
const KINDS = {
  requests: fuzz,
  'sign-in': fuzzSignIn,
  strangers: fuzzStrangers,
  parsing: fuzzParsing,
  iam: fuzzIam,
};

const NAMES = Object.keys(KINDS);

const {
  minutes,
  seed: given,
  only,
} = runOptions(
  'fuzz',
  'Altered requests and sign-ins to a node. Status 1 and the seed when it did not hold.',
  {
    minutes: numberOption('How long.', 1, { least: 0.01 }),
    seed: numberOption('The first seed; the next ones follow. Default: a random one.', undefined),
    only: namesOption('Only these.', NAMES, NAMES),
  },
);
const kinds = Object.entries(KINDS).filter(([name]) => only.includes(name));
const endsAt = performance.now() + minutes * 60_000;
/** A node of its own for each seed, so that a seed can be repeated. */
const SEED_MS = 60_000;

let next = given ?? randomInt(2 ** 32);
let total = 0;
while (performance.now() < endsAt) {
  const seed = next;
  next = (next + 1) >>> 0;
  const seedMs = Math.min(SEED_MS, (endsAt - performance.now()) / kinds.length);
  for (const [name, run] of kinds) {
    const { requests, failures } = await run(seed, seedMs);
    total += requests;
    if (failures.length > 0) {
      process.stderr.write(
        `--only ${name} --seed ${seed} failed after ${requests} requests:\n${failures.join('\n')}\n`,
      );
      process.exit(1);
    }
    process.stdout.write(`--only ${name} --seed ${seed}: ${requests} requests\n`);
  }
}
process.stdout.write(`${total} requests, nothing failed\n`);
