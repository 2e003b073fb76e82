import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileRefusal } from './file-rules.ts';

let root: string;
let folder: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-files-')));
  folder = join(root, 'files');
  mkdirSync(join(folder, 'below'), { recursive: true });
  symlinkSync(join(root), join(folder, 'out'));
  symlinkSync(join(root, 'nothing'), join(folder, 'to-nothing'));
});
afterAll(() => rmSync(root, { recursive: true }));

test('file connectors stay in their folder, whatever is there already', () => {
  for (const name of ['a', 'below/a', 'no/such/folder/a'])
    expect(fileRefusal(join(folder, name), folder)).toBeNull();
});

test.each(['', '/../a', '/below/../../a', '2/a', '/out/a', '/to-nothing', '/to-nothing/a'])(
  'a file connector does not get out of it by %j',
  (way) => {
    expect(fileRefusal(`${folder}${way}`, folder)).toMatch(/must be the whole path of a file in/);
  },
);

test('a file connector needs a file, a whole path and a folder that was named', () => {
  for (const file of [undefined, '', 'a', './files/a'])
    expect(fileRefusal(file, folder)).toMatch(/must be the whole path/);
  expect(fileRefusal(join(folder, 'a'), undefined)).toMatch(/--connect-files/);
});
