import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../control/folder-lock.ts';
import { brokerFolder } from '../engines/embedded/layout.ts';
import { DataFolder } from './data-folder.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'millrace-folder-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

test('a folder has one owner at a time', () => {
  const first = DataFolder.open(path, [1, 2]);
  expect(() => DataFolder.open(path, [1, 2])).toThrow(
    `The data folder ${path} is in use by another Millrace`,
  );
  first.release();
  DataFolder.open(path, [1, 2]).release();
});

test('nor does it have one beside the process of a broker', () => {
  DataFolder.open(path, [1]).release();
  const process = FolderLock.acquire(join(path, brokerFolder(1)));
  expect(() => DataFolder.open(path, [1])).toThrow('is in use by another Millrace');
  process?.release();
  DataFolder.open(path, [1]).release();
});
