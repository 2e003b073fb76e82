import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaApisPage } from '../../scripts/kafka-apis-page.ts';

test('docs/kafka-apis.md is made from the handlers', () => {
  const page = join(import.meta.dirname, '../../docs/kafka-apis.md');
  expect(readFileSync(page, 'utf8'), 'run: node scripts/kafka-apis-page.ts > docs/kafka-apis.md').toBe(
    kafkaApisPage(),
  );
});
