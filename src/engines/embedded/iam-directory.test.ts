import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeDirectory, writeEach } from './iam-directory.ts';

test('only the broker reads its directory, which is there as long as clients sign in by IAM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-iam-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'iam.json');
  const scram = { mechanisms: ['SCRAM-SHA-512'] };
  const iam = { mechanisms: ['AWS_MSK_IAM', 'OAUTHBEARER'] };
  writeDirectory(folder, [{}, scram], () => 'not asked');
  expect(existsSync(file)).toBe(false);
  writeDirectory(folder, [{}, scram, iam], () => 'first');
  writeDirectory(folder, [iam], () => 'second');
  expect(readFileSync(file, 'utf8')).toBe('second');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeDirectory(folder, [scram], () => 'not asked');
  expect(existsSync(file)).toBe(false);
});

test('a broker whose file cannot be written keeps none from being told, and is told of', () => {
  const told: string[] = [];
  const write = (node: string) => {
    if (node === 'broker-1') throw new Error('EIO');
    told.push(node);
  };
  expect(() => writeEach(['broker-1', 'broker-2', 'broker-3'], write)).toThrow('EIO');
  expect(told).toEqual(['broker-2', 'broker-3']);
});
