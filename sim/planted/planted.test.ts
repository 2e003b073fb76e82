import { existsSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './bugs.ts';
import { PlantedCopy, plantedSource } from './planted-copy.ts';

test.each(PLANTED_BUGS)('$name: can be planted, and its tests are there', (bug) => {
  stripTypeScriptTypes(plantedSource(bug));
  expect(bug.caughtBy.filter((file) => !existsSync(file))).toEqual([]);
});

test('there are at least twenty, each under its own name', () => {
  expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(20);
});

test('some are planted here and caught; the same tests pass without them', async () => {
  const copy = new PlantedCopy();
  try {
    for (const bug of PLANTED_BUGS.filter(({ caughtBy }) => caughtBy[0]?.endsWith('isr-rules.test.ts'))) {
      const [file = ''] = bug.caughtBy;
      copy.plant(bug);
      expect((await copy.test(file)).failed, bug.name).toBe(true);
      copy.mend(bug);
    }
    expect((await copy.test('src/replication/isr-rules.test.ts')).failed).toBe(false);
  } finally {
    copy.remove();
  }
});
