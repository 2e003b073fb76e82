import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../../scripts/kafka-jars.ts';
import { connectJars } from './maven-jars.ts';

test('the list has the jars that connectors are tested with: node scripts/connect-jars.ts', () => {
  const jars = connectJars();
  expect(jars.length).toBeGreaterThan(50);
  const tested = kafkaJars('connect');
  if (tested === null) return;
  const files = readdirSync(tested).filter((name) => name.endsWith('.jar'));
  const sums = files.map((name) => [
    name,
    createHash('sha512')
      .update(readFileSync(join(tested, name)))
      .digest('base64'),
  ]);
  expect(jars.map(({ artifact, release, sha512 }) => [`${artifact}-${release}.jar`, sha512]).sort()).toEqual(
    sums.sort(),
  );
});
