import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { FileTail } from './file-tail.ts';
import { logs } from './logs.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function log(name: string, ...lines: readonly (string | object)[]): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
  return file;
}

async function millrace(...args: string[]): Promise<{ status: number; lines: string[]; complaint: string }> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const command = logs(() =>
    ['controller', 'broker-1'].map((node) => ({
      cluster: 'demo',
      node,
      log: join(folder, node),
      config: '',
    })),
  );
  const program = { version: '1', commands: [{ ...command, load: async () => command }] };
  const status = await run(program, ['logs', '--data', folder, ...args], {
    line: (text) => void lines.push(text),
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  return { status, lines, complaint: complaints.join('\n') };
}

describe('millrace logs', () => {
  beforeEach(() => {
    log('millrace.log', { level: 30, time: 1000, msg: 'a start' }, { level: 30, time: 4000, msg: 'an end' });
    log('controller', { level: 30, time: 2000, msg: 'leads', epoch: 1 });
    log(
      'broker-1',
      { level: 50, time: 3000, msg: 'it ends', err: { message: 'EIO', stack: 'Error: EIO\n    at disk' } },
      'a line of nobody',
    );
  });

  test('all logs come in the order of their times, and a line without a time behind the one before it', async () => {
    expect((await millrace()).lines).toEqual([
      '1970-01-01T00:00:01.000Z info  server           a start',
      '1970-01-01T00:00:02.000Z info  demo/controller  leads  epoch=1',
      '1970-01-01T00:00:03.000Z error demo/broker-1    it ends\nError: EIO\n    at disk',
      '                               demo/broker-1    a line of nobody',
      '1970-01-01T00:00:04.000Z info  server           an end',
    ]);
  });

  test.each([
    [['server'], ['a start', 'an end']],
    [['1'], ['it ends', 'a line of nobody']],
    [['broker-1', '--lines', '1'], ['a line of nobody']],
    [
      ['--cluster', 'demo'],
      ['leads', 'it ends', 'a line of nobody'],
    ],
    [['--lines', '1'], ['an end']],
    [['--lines', '0'], []],
    [['server', '--level', 'warn'], []],
  ])('%j', async (args, messages) => {
    const { lines } = await millrace('--json', ...args);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(messages);
  });

  test.each([
    [['broker-7'], 4, /There is no log of broker-7: there are those of server, controller, broker-1\./],
    [['--cluster', 'dmeo'], 4, /Did you mean demo\?/],
    [['--level', 'loud'], 2, /debug, info, warn, error/],
  ])('%j is refused', async (args, expected, sentence) => {
    const { status, complaint } = await millrace(...args);
    expect(status).toBe(expected);
    expect(complaint).toMatch(sentence);
  });
});

describe('the end of a log that grows', () => {
  test('is the last lines, then what comes: never half a line, none twice', () => {
    const file = log('grows', 'one', 'two');
    const tail = new FileTail(file);
    expect(tail.last(1)).toEqual(['two']);
    expect(tail.more()).toEqual([]);
    appendFileSync(file, 'three\nfo');
    expect(tail.more()).toEqual(['three']);
    appendFileSync(file, 'ur\n');
    expect(tail.more()).toEqual(['four']);
  });

  test('is read from its beginning when it was put aside', () => {
    const file = log('aside', 'one', 'two');
    const tail = new FileTail(file);
    tail.last(0);
    truncateSync(file);
    appendFileSync(file, 'new\n');
    expect(tail.more()).toEqual(['new']);
  });

  test('is empty while there is no file', () => {
    const tail = new FileTail(join(folder, 'later'));
    expect(tail.last(10)).toEqual([]);
    log('later', 'first');
    expect(tail.more()).toEqual(['first']);
  });

  test('of a very long log begins with a whole line', () => {
    const line = 'x'.repeat(1023);
    const file = log('long', ...Array.from({ length: 5000 }, () => line));
    const lines = new FileTail(file).last(100_000);
    expect(lines.length).toBeGreaterThan(4000);
    expect(new Set(lines)).toEqual(new Set([line]));
  });
});
