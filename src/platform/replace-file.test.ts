import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeSyncedFolder } from './make-folder.ts';
import { moveIntoPlace, replaceChangedFile, replaceFile } from './replace-file.ts';

const calls = vi.hoisted(() => ({
  /** Of the file system, in the order in which they were made. */
  made: [] as string[],
  /** The next sync of a path that ends so fails. */
  failing: null as string | null,
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const noted =
    <Arguments extends unknown[], Result>(name: string, call: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      calls.made.push(`${name} ${args.filter((arg) => typeof arg === 'string').join(' ')}`);
      return call(...args);
    };
  return {
    ...fs,
    mkdirSync: noted('make', fs.mkdirSync),
    renameSync: noted('rename', fs.renameSync),
    fsyncSync(descriptor: number) {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      calls.made.push(`sync ${path}`);
      if (calls.failing !== null && path.endsWith(calls.failing))
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      fs.fsyncSync(descriptor);
    },
  };
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-replace-'));
  calls.made = [];
  calls.failing = null;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const made = (): string[] => calls.made.map((call) => call.replaceAll(folder, ''));

describe('a file that is replaced', () => {
  test('is on the device before it has its name, and has it on the device afterwards', () => {
    replaceFile(join(folder, 'ca.json'), 'new');
    expect(made()).toEqual(['sync /ca.json.new', 'rename /ca.json.new /ca.json', 'sync ']);
    expect(readFileSync(join(folder, 'ca.json'), 'utf8')).toBe('new');
  });

  test('is not written where its folder is gone: that was removed with all that was in it', () => {
    expect(() => replaceFile(join(folder, 'a/ca.json'), 'new')).toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is as it was where the device did not take the new content', () => {
    replaceFile(join(folder, 'ca.json'), 'old');
    calls.failing = 'ca.json.new';
    expect(() => replaceFile(join(folder, 'ca.json'), 'new')).toThrow('EIO');
    expect(readFileSync(join(folder, 'ca.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['ca.json']);
  });

  test('is for its owner alone or has the mode that is asked for, whatever was left behind has', () => {
    const file = join(folder, 'worker.properties');
    writeFileSync(`${file}.new`, 'half');
    chmodSync(`${file}.new`, 0o666);
    replaceFile(file, 'secret');
    expect(modeOf(file)).toBe('600');
    replaceFile(file, Buffer.from('open'), 0o644);
    expect(modeOf(file)).toBe('644');
    expect(readFileSync(file, 'utf8')).toBe('open');
  });

  test('is not written through a link', () => {
    const [file, other] = [join(folder, 'ca.json'), join(folder, 'other')];
    writeFileSync(other, 'of somebody else');
    symlinkSync(other, `${file}.new`);
    expect(() => replaceFile(file, 'new')).toThrow('ELOOP');
    expect(readFileSync(other, 'utf8')).toBe('of somebody else');
  });
});

test('folders that are made are on the device before anything is in them', () => {
  makeSyncedFolder(join(folder, 'a/b'));
  expect(made()).toEqual(['make /a', 'sync ', 'make /a/b', 'sync /a']);
  calls.made = [];
  makeSyncedFolder(join(folder, 'a/b'));
  expect(made()).toEqual([]);
});

test('a file that has the text already is left alone', () => {
  const file = join(folder, 'node.json');
  replaceChangedFile(file, 'one');
  calls.made = [];
  replaceChangedFile(file, 'one');
  expect(made()).toEqual([]);
  replaceChangedFile(file, 'two');
  expect(readFileSync(file, 'utf8')).toBe('two');
});

test('what another program wrote is moved to its name', async () => {
  writeFileSync(join(folder, 'archive.new'), 'classes');
  await moveIntoPlace(join(folder, 'archive.new'), join(folder, 'archive'));
  expect(readdirSync(folder)).toEqual(['archive']);
});
