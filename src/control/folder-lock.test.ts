import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { FolderLock } from './folder-lock.ts';

test('a folder is locked until the lock is released, even when nobody refers to the lock and garbage is collected', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const take = () => FolderLock.acquire(folder) !== null;
  expect(take()).toBe(true);
  for (let i = 0; i < 5; i++) collectGarbage();
  expect(FolderLock.acquire(folder)).toBeNull();
  rmSync(folder, { recursive: true });
});
