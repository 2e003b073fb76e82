import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../command.ts';
import { KAFKA_CONNECT_OPTIONS, kafkaConnectOf } from './kafka-connect-options.ts';

const SHA512 = '0A'.repeat(64);
/** As Apache publishes it. */
const GROUPS = `  ${SHA512.slice(0, 64)}\n ${SHA512.slice(64)}`;

function said(...words: readonly string[]): object {
  const command = { name: 'up', summary: '', options: KAFKA_CONNECT_OPTIONS, run: async () => 0 };
  return kafkaConnectOf(parse(command, words), '/opt/kafka');
}

describe('where Kafka Connect comes from', () => {
  test('is one place: a folder, an archive with its checksum, or Maven', () => {
    const url = 'https://example.org/kafka.tgz?mirror=1';
    const sha512 = SHA512.toLowerCase();
    expect(said()).toEqual({ kafkaHome: '/opt/kafka' });
    const other = mkdtempSync(join(tmpdir(), 'millrace-kafka-home-'));
    try {
      mkdirSync(join(other, 'libs'));
      expect(() => said('--kafka-home', other)).toThrow(`There is no Kafka Connect in ${other}`);
      writeFileSync(join(other, 'libs/connect-runtime-4.3.1.jar'), '');
      expect(said('--kafka-home', other)).toEqual({ kafkaHome: other });
    } finally {
      rmSync(other, { recursive: true });
    }
    expect(said('--kafka-from-maven')).toEqual({ kafkaConnect: { kind: 'maven' } });
    expect(said('--kafka-archive', url, '--kafka-sha512', GROUPS)).toEqual({
      kafkaConnect: { kind: 'archive', location: url, sha512 },
    });
    expect(said('--kafka-archive', 'kafka.tgz', '--kafka-sha512', SHA512)).toEqual({
      kafkaConnect: { kind: 'archive', location: resolve('kafka.tgz'), sha512 },
    });
  });

  test.each([
    [
      'two of them',
      ['--kafka-home', '/a', '--kafka-from-maven'],
      'Say one of --kafka-home and --kafka-from-maven.',
    ],
    ['no folder', ['--kafka-home', '/nowhere'], 'There is no Kafka Connect in /nowhere'],
    ['no checksum', ['--kafka-archive', 'http://a/b.tgz'], 'go together'],
    ['a checksum alone', ['--kafka-sha512', SHA512], 'go together'],
    [
      'a SHA-256',
      ['--kafka-archive', 'http://a/b.tgz', '--kafka-sha512', SHA512.slice(64)],
      '128 hexadecimal digits',
    ],
    [
      'another protocol',
      ['--kafka-archive', 'ftp://a/b.tgz', '--kafka-sha512', SHA512],
      'an http or https URL',
    ],
    [
      'a URL with a user',
      ['--kafka-archive', 'http://me@a/b.tgz', '--kafka-sha512', SHA512],
      'an http or https URL',
    ],
  ])('%s is refused', (_, words, says) => {
    expect(() => said(...words)).toThrow(says);
  });
});
