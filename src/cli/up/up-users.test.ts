import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from '../command.ts';
import { UP_OPTIONS } from './up-options.ts';
import { checkUsers, upUsers } from './up-users.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-up-users-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function given(...users: readonly string[]) {
  const command = { name: 'up', summary: '', options: UP_OPTIONS, run: async () => 0 };
  return parse(command, ['--scram', users.join(',')]);
}

test('the first line of each file is the password of its user', () => {
  const file = join(folder, 'password');
  writeFileSync(file, 'of alice\nmore');
  expect(() => checkUsers(given(`alice:${file}`))).not.toThrow();
  expect(upUsers(given(`alice:${file}`))).toEqual([{ name: 'alice', password: 'of alice' }]);
});

test.each([
  [['alice:-', 'bob'], /--scram takes USER:FILE/],
  [['alice:-', 'bob:/nowhere'], /The password in \/nowhere/],
  [['alice:-', 'alice:/nowhere'], /names a user twice/],
])('what is wrong with %j is found without what can be read only once', (users, named) => {
  expect(() => checkUsers(given(...users))).toThrow(named);
});

test('a password that comes through a pipe is left to who needs it', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'echo of alice > "$1"', 'sh', pipe], { stdio: 'ignore' });
  const ended = once(writer, 'exit');
  checkUsers(given(`alice:${pipe}`));
  // Without waiting for one who writes: there is none if it was read.
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  await ended;
  expect(readFileSync(reader, 'utf8')).toBe('of alice\n');
  closeSync(reader);
});
