import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { unpackJars } from './release-archive.ts';
import { type TarFile, tgz } from './testing/tar-bytes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-release-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const JAR = 'kafka_2.13-4.3.1/libs/connect-runtime-4.3.1.jar';
const { signal } = new AbortController();

function unpacked(archive: Buffer): Promise<void> {
  writeFileSync(join(folder, 'kafka.tgz'), archive);
  return unpackJars(join(folder, 'kafka.tgz'), 'kafka.tgz', join(folder, 'libs'), signal);
}

describe('of a release', () => {
  test('the jars are unpacked, for everybody to read, and nothing else', async () => {
    // As `millrace up` does for all that it makes.
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    await unpacked(
      tgz([
        { name: 'kafka_2.13-4.3.1/', type: '5' },
        { name: 'kafka_2.13-4.3.1/bin/kafka.sh', bytes: 'x' },
        { name: JAR, bytes: 'a jar'.repeat(1_000) },
        { name: 'kafka_2.13-4.3.1/libs/notes.txt', bytes: 'x' },
        { name: 'kafka_2.13-4.3.1/libs/more/other.jar', bytes: 'x' },
        { name: 'kafka_2.13-4.3.1/libs/link.jar', type: '2' },
      ]),
    );
    expect(readdirSync(join(folder, 'libs'))).toEqual(['connect-runtime-4.3.1.jar']);
    expect(readFileSync(join(folder, 'libs/connect-runtime-4.3.1.jar'), 'utf8')).toBe('a jar'.repeat(1_000));
    expect(statSync(join(folder, 'libs/connect-runtime-4.3.1.jar')).mode & 0o777).toBe(0o644);
  });

  test.each(['gnu', 'posix', 'ustar'])(
    'what tar writes as %s is read, long names as well',
    async (format) => {
      const long = `${'l'.repeat(120)}.jar`;
      const libs = join(folder, 'kafka/libs');
      mkdirSync(libs, { recursive: true });
      if (format !== 'ustar') writeFileSync(join(libs, long), 'long');
      writeFileSync(join(libs, 'short.jar'), 'short');
      execFileSync('tar', ['-C', folder, `--format=${format}`, '-czf', join(folder, 'by-tar.tgz'), 'kafka']);
      await unpacked(readFileSync(join(folder, 'by-tar.tgz')));
      const names = readdirSync(join(folder, 'libs')).sort();
      expect(names).toEqual(format === 'ustar' ? ['short.jar'] : [long, 'short.jar']);
      expect(readFileSync(join(folder, 'libs/short.jar'), 'utf8')).toBe('short');
    },
  );

  test.each<[string, string | RegExp, Buffer]>([
    [
      'that leads out of its folder',
      'kafka.tgz is refused at its entry ../libs/a.jar',
      tgz([{ name: '../libs/a.jar' }]),
    ],
    ['with an absolute name', 'refused at its entry /libs/a.jar', tgz([{ name: '/libs/a.jar' }])],
    [
      'whose long name leads out',
      'refused at its entry a/libs/../../x.jar',
      tgz([...longName('a/libs/../../x.jar'), { name: 'a/libs/a.jar' }]),
    ],
    ['with the same jar twice', 'kafka.tgz has the same jar twice', tgz([{ name: JAR }, { name: JAR }])],
    ['without libs', 'must be the .tgz of a release of Apache Kafka', tgz([{ name: 'a/readme' }])],
    ['that is no .tgz', 'kafka.tgz is no .tgz, or is broken', Buffer.from('PK')],
    [
      'whose end is missing',
      /kafka.tgz (ends in the middle|is no .tgz, or is broken)/,
      tgz([{ name: JAR, bytes: 'a'.repeat(9_999) }]).subarray(0, -40),
    ],
  ])('an archive %s is refused', async (_, says, archive) => {
    await expect(unpacked(archive)).rejects.toThrow(says);
  });
});

function longName(name: string): TarFile[] {
  return [{ name: '././@LongLink', type: 'L', bytes: `${name}\0` }];
}
