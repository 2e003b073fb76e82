import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FolderLock } from '../control/folder-lock.ts';
import { removeLeftFolders, TemporaryFolder } from './temporary-folder.ts';

const MINUTES_LATER = 120_000;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'millrace-places-'));
  vi.stubEnv('TMPDIR', place);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true, force: true });
});

/** As its process left it when it was killed: the kernel gave the lock back. */
function leftFolder(name: string): string {
  const path = join(place, name);
  mkdirSync(join(path, 'data'), { recursive: true });
  FolderLock.acquire(path)?.release();
  writeFileSync(join(path, 'data/log'), 'records');
  return path;
}

test('the folder of a process that is gone is removed; those that live, are new, or are not ours stay', async () => {
  const dead = leftFolder('millrace-cluster-dead');
  const alive = TemporaryFolder.make();
  const unlocked = join(place, 'millrace-cluster-notes');
  mkdirSync(unlocked);
  const other = leftFolder('another-program');
  symlinkSync(other, join(place, 'millrace-cluster-link'));

  await removeLeftFolders(Date.now());
  expect(existsSync(dead)).toBe(true);
  await removeLeftFolders(Date.now() + MINUTES_LATER);
  expect(existsSync(dead)).toBe(false);
  expect([alive.path, unlocked, other].map(existsSync)).toEqual([true, true, true]);
  await alive.remove();
  expect(existsSync(alive.path)).toBe(false);
});
