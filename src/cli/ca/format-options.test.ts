import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from '../command.ts';
import type { Output } from '../output.ts';
import { caExport } from './ca-export.ts';
import { caIssue } from './ca-issue.ts';

const unheard: Output = { line() {}, complain() {}, onUnheard() {} };

/** With these options; no API is there to be asked. */
function outcomes(options: readonly string[]): Promise<unknown>[] {
  return [
    caExport.run(parse(caExport, options), unheard),
    caIssue.run(parse(caIssue, ['tests', 'alice', ...options]), unheard),
  ];
}

test('PKCS#12 is written under a password from a file, and PEM under none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-format-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [out, file] = [join(folder, 'out'), join(folder, 'password')];
  writeFileSync(file, 'short\nof characters, a further line is no part of it\n');
  const to = ['--out', out];
  for (const [options, message] of [
    [['--format', 'pkcs12', ...to], '--format pkcs12 needs --password-file'],
    [['--password-file', file, ...to], '--password-file goes with --format pkcs12'],
    [['--format', 'pkcs12', '--password-file', file, ...to], 'at least 6 characters'],
    [['--format', 'pkcs12', '--password-file', join(folder, 'none'), ...to], 'cannot be read'],
  ] as const)
    for (const outcome of outcomes(options)) await expect(outcome).rejects.toThrow(message);
  expect(existsSync(out)).toBe(false);
});

test('PKCS#12 of what clients trust goes to a file, for it is no text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-format-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'password');
  writeFileSync(file, 'long enough\n');
  const given = parse(caExport, ['--format', 'pkcs12', '--password-file', file]);
  await expect(caExport.run(given, unheard)).rejects.toThrow('needs --out FILE');
});
