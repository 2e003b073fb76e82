import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectorsPage } from '../../scripts/connectors-page.ts';

test('the page of built-in connectors says what their specs say', () => {
  const page = join(import.meta.dirname, '../../docs/connectors.md');
  expect(readFileSync(page, 'utf8'), 'run: node scripts/connectors-page.ts > docs/connectors.md').toBe(
    connectorsPage(),
  );
});
