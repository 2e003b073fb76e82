import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { fuzzSignIn } from './sign-in.ts';

/**
 * What is sent: requests where everybody comes in, and sign-ins with all that comes before and after them.
 */
const KINDS = { requests: fuzz, 'sign-in': fuzzSignIn };

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', default: Object.keys(KINDS).join(',') },
  },
});
const kinds = Object.entries(KINDS).filter(([name]) => values.only.split(',').includes(name));
if (kinds.length === 0)
  throw new Error(`--only ${values.only}: the kinds are ${Object.keys(KINDS).join(', ')}`);
const minutes = Number(values.minutes ?? 1);
if (!(minutes > 0)) throw new Error('--minutes is a number above 0');
const endsAt = performance.now() + minutes * 60_000;
/** A node of its own for each, so that what one seed did can be done again. */
const SEED_MS = 60_000;

let next = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed);
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
