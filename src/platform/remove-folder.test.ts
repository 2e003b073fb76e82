import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeFolder } from './remove-folder.ts';
import { turnsUntil } from './testing/turns.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'millrace-remove-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const FILES = 300;

// 200,000 files of a plugin that was refused held millrace up for seconds.
test('others are served between the files of a folder that is removed', async () => {
  const folder = join(place, 'folder');
  mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true });
  for (let i = 0; i < FILES; i++) writeFileSync(join(folder, 'deep', `${i}`), '');
  let isOver = false;
  const removed = removeFolder(folder).then(() => {
    isOver = true;
  });
  expect(await turnsUntil(() => isOver)).toBeGreaterThanOrEqual(FILES);
  await removed;
  expect(readdirSync(place)).toEqual([]);
});

test('a link in it goes, and what it leads to stays', async () => {
  const kept = join(place, 'kept');
  mkdirSync(join(place, 'folder'));
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), '');
  symlinkSync(kept, join(place, 'folder', 'link'));
  await removeFolder(join(place, 'folder'));
  expect(existsSync(join(place, 'folder'))).toBe(false);
  expect(readdirSync(kept)).toEqual(['file']);
});

test('a folder that is not there is removed already', async () => {
  await expect(removeFolder(join(place, 'none'))).resolves.toBeUndefined();
});
