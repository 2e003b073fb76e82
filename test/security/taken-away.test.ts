import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BesideKafka, startBesideKafka, withoutKafka } from './beside-kafka.ts';
import { Guest, rightsFrom } from './guest.ts';
import { takenAway } from './taken-away-steps.ts';

/** Rights are taken away while their owner is connected, and goes on with what it had begun. */
const CASES = Object.entries(takenAway).map(([name, steps], i) => ({
  name,
  steps,
  host: `127.0.2.${i + 1}`,
}));
let both: BesideKafka;

beforeAll(async () => {
  if (!withoutKafka) both = await startBesideKafka(CASES.flatMap(({ host }) => rightsFrom(host)));
});

afterAll(() => both?.stop());

describe.skipIf(withoutKafka)(
  'somebody whose rights are taken away is answered as by Apache Kafka in',
  () => {
    test.each(CASES)('$name', async ({ steps, host }) => {
      const [here, there] = await Promise.all(
        [both.ours, both.theirs].map(async (filled) => {
          const guest = await Guest.of(filled, host);
          try {
            return await steps(guest);
          } finally {
            guest.close();
          }
        }),
      );
      expect(there?.join('\n')).toMatch(/AUTHORIZATION_FAILED/);
      expect(here).toEqual(there);
    });
  },
);
