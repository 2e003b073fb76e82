import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { nodeLog } from './node-log.ts';

test('a process logs one JSON object a line, with the fields of its parents and errors in full', () => {
  const folder = mkdtempSync(`${tmpdir()}/millrace-log-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/logs/broker.log`;
  const log = nodeLog({ level: 'info', file });
  log.debug('not this');
  log
    .child({ brokerId: 3 })
    .warn('disk is slow', { ms: 20, error: new Error('why', { cause: new Error('deeper') }) });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
  const line: unknown = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ msg: 'disk is slow', brokerId: 3, ms: 20, err: { type: 'Error' } });
  expect(lines[0]).toContain('deeper');
});
