import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder, makeSyncedFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-make-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is made with its parents, and found when it is there', () => {
  makeFolder(join(folder, 'a/b/c'));
  makeFolder(join(folder, 'a/b/c'));
  expect(existsSync(join(folder, 'a/b/c'))).toBe(true);
});

test('where no folder can be made, that is an error and not an endless search', () => {
  expect(() => makeFolder('/proc/x/y')).toThrow('ENOENT');
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(join(folder, 'file/below'))).toThrow('EEXIST');
});

test('a folder whose parent could not be synced is made and synced again by who tries again', () => {
  const path = join(folder, 'x/y');
  const synced: string[] = [];
  const sync = (parent: string) => {
    synced.push(parent);
    if (synced.length === 2) throw new Error('EIO: i/o error');
  };
  expect(() => makeSyncedFolder(path, sync)).toThrow('EIO');
  makeSyncedFolder(path, sync);
  makeSyncedFolder(path, sync);
  expect(synced).toEqual([folder, join(folder, 'x'), join(folder, 'x')]);
  expect(existsSync(path)).toBe(true);
});
