import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { silent } from '../../base/log.ts';
import { NodeDisk } from '../../platform/node-disk.ts';
import * as known from '../../security/iam/testing/known-identities.ts';
import { IamDirectorySource } from './directory-source.ts';

const SECOND_MS = 1000;

function started() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-iam-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new ManualClock();
  const file = join(folder, 'iam.json');
  const problems: unknown[] = [];
  const log = { ...silent, error: (_: string, fields = {}) => problems.push(Reflect.get(fields, 'problem')) };
  const source = new IamDirectorySource({ clock, disk: new NodeDisk(), log }, file);
  let changes = 0;
  source.start(() => changes++);
  onTestFinished(() => source.stop());
  return {
    ...{ file, source, problems },
    write: (text: string) => writeFileSync(file, text),
    changesWithinASecond: async () => {
      const before = changes;
      await clock.advance(SECOND_MS);
      return changes - before;
    },
  };
}

test('a directory that comes, changes or goes counts within a second, and nobody is told of what did not change', async () => {
  const { source, write, changesWithinASecond, problems, file } = started();
  expect(source.current).toBeNull();
  write(known.identitiesText());
  expect(await changesWithinASecond()).toBe(1);
  expect(source.current?.accessKey(known.KEY.accessKeyId)?.active).toBe(true);
  write(known.identitiesText());
  expect(await changesWithinASecond()).toBe(0);
  write(known.identitiesText().replace('"active":true', '"active":false'));
  expect(await changesWithinASecond()).toBe(1);
  expect(source.current?.accessKey(known.KEY.accessKeyId)?.active).toBe(false);
  rmSync(file);
  expect(await changesWithinASecond()).toBe(1);
  expect(source.current).toBeNull();
  expect(problems).toEqual(['it is missing', 'it is missing']);
});

test('of a broken file nothing counts, not even what was known before, and what is wrong is said once', async () => {
  const { source, write, changesWithinASecond, problems } = started();
  write(known.identitiesText());
  await changesWithinASecond();
  write(known.identitiesText().replace(known.REGION, 'nowhere'));
  expect(await changesWithinASecond()).toBe(1);
  expect(source.current).toBeNull();
  expect(await changesWithinASecond()).toBe(0);
  expect(problems).toEqual(['it is missing', 'region is missing or not of its form']);
  write(known.identitiesText());
  expect(await changesWithinASecond()).toBe(1);
  expect(source.current).not.toBeNull();
});
