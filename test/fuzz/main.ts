import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
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
  const { requests, failures } = await fuzz(seed, Math.min(SEED_MS, endsAt - performance.now()));
  total += requests;
  if (failures.length > 0) {
    process.stderr.write(`seed ${seed} failed after ${requests} requests:\n${failures.join('\n')}\n`);
    process.exit(1);
  }
  process.stdout.write(`seed ${seed}: ${requests} requests\n`);
}
process.stdout.write(`${total} requests, nothing failed\n`);
