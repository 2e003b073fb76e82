import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SOURCE_SHA256 } from './connect-worker-jar.ts';

test('the jar was made of the sources beside it: node scripts/connect-worker-jar.ts', () => {
  const folder = join(import.meta.dirname, 'java');
  const digest = createHash('sha256');
  for (const name of readdirSync(folder).sort()) digest.update(readFileSync(join(folder, name)));
  expect(digest.digest('hex')).toBe(SOURCE_SHA256);
});
