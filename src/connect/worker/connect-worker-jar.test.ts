import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SOURCE_SHA256 } from './connect-worker-jar.ts';

test('the jar was made of the source beside it: node scripts/connect-worker-jar.ts', () => {
  const source = readFileSync(join(import.meta.dirname, 'java/ConnectWorker.java'));
  expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE_SHA256);
});
