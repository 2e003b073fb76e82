import { expect, test, vi } from 'vitest';
import { logCrash } from './log-crash.ts';

// The canary of checksums: every batch is accepted, whatever its bytes are.
vi.mock(import('../../src/protocol/records/batch.ts'), async (original) => ({
  ...(await original()),
  checkIntegrity: () => null,
}));

test('a recovery that does not compare checksums is noticed', async () => {
  const complaints: string[] = [];
  for (let seed = 1; seed <= 300 && complaints.length === 0; seed++) {
    await logCrash(seed).catch((error: unknown) => complaints.push(String(error)));
  }
  expect(complaints).not.toEqual([]);
});
