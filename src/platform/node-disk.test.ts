import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { DiskError, readWhole, writeWhole } from '../base/disk.ts';
import { NodeDisk } from './node-disk.ts';

const folder = mkdtempSync(`${tmpdir()}/millrace-disk-`);
const disk = new NodeDisk();
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file', () => {
  test('appends many parts at its end, reads them back, and overwrites in place', async () => {
    const file = disk.open(`${folder}/a`, 'create');
    expect(file.appendNow([Buffer.from('hel'), Buffer.from('lo ')])).toBe(6);
    file.writeNow(0, Buffer.from('J'));
    // More parts than one system call takes (IOV_MAX is 1024).
    expect(file.appendNow(Array.from({ length: 3000 }, () => Buffer.from('x')))).toBe(3000);
    await file.sync();
    expect(file.size()).toBe(3006);
    file.truncate(6);
    expect(file.appendNow([Buffer.from('you')])).toBe(3);
    const into = Buffer.alloc(20);
    expect(file.readNow(0, into)).toBe(9);
    expect(into.toString('latin1', 0, 9)).toBe('Jello you');
    expect(await file.read(6, into)).toBe(3);
    expect(file.readNow(9, into)).toBe(0);
    file.close();
  });

  test('opened again appends after what was there', () => {
    const first = disk.open(`${folder}/b`, 'create');
    first.appendNow([Buffer.from('one')]);
    first.close();
    const second = disk.open(`${folder}/b`, 'write');
    second.appendNow([Buffer.from('two')]);
    const reader = disk.open(`${folder}/b`, 'read');
    expect(reader.size()).toBe(6);
    second.appendNow([Buffer.from('three')]);
    expect(reader.size()).toBe(11);
    second.close();
    reader.close();
    expect(readWhole(disk, `${folder}/b`)?.toString()).toBe('onetwothree');
  });

  test('closed while a sync runs finishes the sync and refuses what comes after', async () => {
    const file = disk.open(`${folder}/c`, 'create');
    file.appendNow([Buffer.from('x')]);
    const syncing = file.sync();
    file.close();
    await syncing;
    expect(() => file.appendNow([Buffer.from('y')])).toThrow(DiskError);
    await expect(file.sync()).rejects.toThrow(DiskError);
  });
});

test('a full disk throws, or tells how much fitted', () => {
  // /dev/full answers every write with ENOSPC.
  const file = disk.open('/dev/full', 'write');
  expect(() => file.appendNow([Buffer.from('x')])).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  file.close();
});

test('what is missing is ENOENT, and a removal of a missing folder is none', async () => {
  const missing = `${folder}/none/x`;
  const enoent = expect.objectContaining({ code: 'ENOENT', path: missing });
  expect(() => disk.open(missing, 'create')).toThrow(enoent);
  expect(() => disk.list(missing)).toThrow(enoent);
  expect(() => disk.remove(missing)).toThrow(enoent);
  expect(() => disk.rename(missing, `${folder}/y`)).toThrow(enoent);
  await expect(disk.syncDirectory(missing)).rejects.toThrow(enoent);
  disk.removeDirectory(missing);
});

test('folders are made with parents, listed in order, renamed with content and removed whole', async () => {
  disk.makeDirectory(`${folder}/d/e`);
  disk.makeDirectory(`${folder}/d/e`);
  for (const name of ['z', 'a', 'm']) writeFileSync(`${folder}/d/e/${name}`, name);
  await disk.syncDirectory(`${folder}/d/e`);
  disk.rename(`${folder}/d/e`, `${folder}/d/f`);
  expect(disk.list(`${folder}/d/f`)).toEqual(['a', 'm', 'z']);
  disk.removeDirectory(`${folder}/d`);
  expect(disk.exists(`${folder}/d`)).toBe(false);
});

test('a small file is replaced whole', async () => {
  await writeWhole(disk, `${folder}/meta`, Buffer.from('first, longer'));
  await writeWhole(disk, `${folder}/meta`, Buffer.from('second'));
  expect(readWhole(disk, `${folder}/meta`)?.toString()).toBe('second');
  expect(disk.list(folder)).not.toContain('meta.tmp');
});

test('space is counted in bytes, and its share in use is that of df', () => {
  const { freeBytes, totalBytes } = disk.space(folder);
  expect(freeBytes).toBeGreaterThan(1_000_000);
  const df = execFileSync('df', ['--output=pcent', folder], { encoding: 'utf8' });
  const percent = Number(/(\d+)%/.exec(df)?.[1]);
  expect(Math.abs(100 * (1 - freeBytes / totalBytes) - percent)).toBeLessThan(2);
});
