import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RefusedStart } from '../base/refused.ts';
import { NodeDisk } from './node-disk.ts';
import { nodeLog } from './node-log.ts';
import { closeToOthers } from './private-folder.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-private-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function open(path: string, mode: number): string {
  chmodSync(path, mode);
  return path;
}

describe('a folder of an older release', () => {
  test('is left to its owner, with all that is in it', () => {
    const data = join(root, 'data');
    mkdirSync(join(data, 'clusters', 'demo'), { recursive: true });
    writeFileSync(join(data, 'control.db'), '');
    writeFileSync(join(data, 'clusters', 'demo', 'log'), '');
    for (const folder of [data, join(data, 'clusters'), join(data, 'clusters', 'demo')]) open(folder, 0o755);
    open(join(data, 'control.db'), 0o644);
    open(join(data, 'clusters', 'demo', 'log'), 0o666);
    closeToOthers(data);
    expect(modeOf(data)).toBe('700');
    expect(modeOf(join(data, 'control.db'))).toBe('600');
    expect(modeOf(join(data, 'clusters'))).toBe('700');
    expect(modeOf(join(data, 'clusters', 'demo', 'log'))).toBe('600');
  });

  test('with a link to what others can read is refused, and the target keeps its mode', () => {
    const target = join(root, 'elsewhere');
    writeFileSync(target, 'of somebody else');
    open(target, 0o644);
    const data = join(root, 'data');
    mkdirSync(data);
    symlinkSync(target, join(data, 'secrets.key'));
    open(data, 0o755);
    expect(() => closeToOthers(data)).toThrow(RefusedStart);
    expect(modeOf(target)).toBe('644');
  });

  test('with a link to what is closed, or to nothing, is taken', () => {
    const target = join(root, 'elsewhere');
    mkdirSync(target, 0o700);
    const data = join(root, 'data');
    mkdirSync(data);
    symlinkSync(target, join(data, 'clusters'));
    symlinkSync(join(root, 'nothing'), join(data, 'gone'));
    open(data, 0o755);
    closeToOthers(data);
    expect(modeOf(data)).toBe('700');
  });
});

test('what a node writes is closed to others from the beginning, whatever the umask', () => {
  const disk = new NodeDisk();
  const before = process.umask(0);
  try {
    disk.makeDirectory(join(root, 'broker-1'));
    disk.open(join(root, 'broker-1', 'log'), 'create').close();
    nodeLog({ level: 'info', file: join(root, 'logs', 'millrace.log') }).info('begun');
  } finally {
    process.umask(before);
  }
  expect(modeOf(join(root, 'broker-1'))).toBe('700');
  expect(modeOf(join(root, 'broker-1', 'log'))).toBe('600');
  expect(modeOf(join(root, 'logs'))).toBe('700');
  expect(modeOf(join(root, 'logs', 'millrace.log'))).toBe('600');
});
