import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { silent } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import type { KafkaConnectSource } from '../../control/control.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { archiveProblem, keptFolder, keptLibs } from './kept-folder.ts';
import { KeptRelease } from './kept-release.ts';
import { tgz } from './testing/tar-bytes.ts';

const PATIENCE = { timeout: 60_000 };
const ARCHIVE = tgz([
  { name: 'kafka_2.13-4.3.1/libs/connect-runtime-4.3.1.jar', bytes: 'r'.repeat(300_000) },
  { name: 'kafka_2.13-4.3.1/libs/connect-basic-auth-extension-4.3.1.jar', bytes: 'b' },
]);
const SHA512 = createHash('sha512').update(ARCHIVE).digest('hex');

let folder: string;
let world: World;
let releases: KeptRelease[];
let server: Server;
let url: string;
/** What is asked for; the answer is that of a server which knows ranges, unless a test says otherwise. */
let asked: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-kept-'));
  mkdirSync(join(folder, 'bin'));
  program('java', `echo 'openjdk version "17.0.1"' >&2`);
  const real = nodeWorld(silent);
  // Waits between attempts are as nothing; those for what does not come are as they are.
  const after = (ms: number, run: () => void) => real.clock.after(ms < 60_000 ? Math.min(ms, 20) : ms, run);
  const clock = { ...ofClass(real.clock), after };
  world = { ...real, clock };
  releases = [];
  asked = [];
  answer = withRanges;
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  url = `http://127.0.0.1:${port}/kafka_2.13-4.3.1.tgz`;
});
afterEach(async () => {
  await Promise.all(releases.map((release) => release.stop()));
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

function ofClass({
  now,
  monotonic,
  soon,
}: World['clock']): Pick<World['clock'], 'now' | 'monotonic' | 'soon'> {
  return { now, monotonic, soon };
}

function program(name: string, does: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${does}\n`);
  chmodSync(join(folder, 'bin', name), 0o700);
}

function withRanges({ headers }: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (headers.range !== undefined && from >= ARCHIVE.length) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': ARCHIVE.length - from,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${ARCHIVE.length - 1}/${ARCHIVE.length}` } : {}),
  });
  response.end(ARCHIVE.subarray(from));
}

function kept(source: KafkaConnectSource): KeptRelease {
  const environment = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  const release = new KeptRelease(world, keptFolder(folder), source, environment);
  releases.push(release);
  release.start();
  return release;
}

const fromUrl = (sha512 = SHA512): KafkaConnectSource => ({ kind: 'archive', location: url, sha512 });

/** What a start says first that is no progress. */
async function settled(source: KafkaConnectSource): Promise<object> {
  return outcome(kept(source));
}

function outcome(release: KeptRelease): Promise<object> {
  return vi.waitFor(async () => {
    const found = await release.installation();
    expect(found).not.toHaveProperty('coming');
    return found;
  }, PATIENCE);
}

/** What lies in the folder, without what has a name of its own. */
const left = () =>
  (existsSync(keptFolder(folder)) ? readdirSync(keptFolder(folder)) : []).map((name) =>
    name.replace(/^[0-9a-f]+/, 'X'),
  );

/** The jars are there a moment before what they came from is removed. */
const leftIs = (...names: string[]) => vi.waitFor(() => expect(left()).toEqual(names), PATIENCE);

function partBytes(): number {
  const name = readdirSync(keptFolder(folder)).find((one) => one.endsWith('.part'));
  return name === undefined ? 0 : statSync(join(keptFolder(folder), name)).size;
}

const THERE = { version: '4.3.1', javaRelease: 17, isLinked: true };

describe('an archive', () => {
  test('is fetched from a URL once, and is there for the next start', async () => {
    expect(await settled(fromUrl())).toMatchObject(THERE);
    await leftIs('X');
    expect(await settled(fromUrl())).toMatchObject(THERE);
    expect(asked).toHaveLength(1);
    expect(readdirSync(keptLibs(folder) ?? '')).toHaveLength(2);
  });

  test('whose file is gone is needed by a start only until an earlier one has unpacked it', async () => {
    const location = join(folder, 'kafka_2.13-4.3.1.tgz');
    const problem = (sha512 = SHA512) =>
      archiveProblem({ dataDirectory: folder, kafkaConnect: { kind: 'archive', location, sha512 } });
    expect(problem()).toBe(
      `--kafka-archive must be a file that is there or a URL, and ${location} is neither.`,
    );
    writeFileSync(location, ARCHIVE);
    expect(problem()).toBeNull();
    expect(await settled({ kind: 'archive', location, sha512: SHA512 })).toMatchObject(THERE);
    rmSync(location);
    expect(problem()).toBeNull();
    expect(await settled({ kind: 'archive', location, sha512: SHA512 })).toMatchObject(THERE);
    // Of another archive nothing is kept.
    expect(problem('0a'.repeat(64))).toContain('is neither');
  });

  test('is copied from a path', async () => {
    const location = join(folder, 'kafka_2.13-4.3.1.tgz');
    writeFileSync(location, ARCHIVE);
    expect(await settled({ kind: 'archive', location, sha512: SHA512 })).toMatchObject(THERE);
    rmSync(location);
    expect(await settled({ kind: 'archive', location, sha512: SHA512 })).toMatchObject(THERE);
  });

  test('tells how far it is while it comes, and its release where its name says it', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 50_000_000 });
      response.write(Buffer.alloc(2_500_000));
    };
    const release = kept(fromUrl());
    await vi.waitFor(
      async () =>
        expect(await release.installation()).toMatchObject({
          coming: 'Kafka Connect is being fetched: 2 of 50 MB of kafka_2.13-4.3.1.tgz are there.',
          version: '4.3.1',
          javaRelease: 17,
        }),
      PATIENCE,
    );
  });

  test('that breaks off goes on where it was', async () => {
    const parted: ServerResponse[] = [];
    answer = (request, response) => {
      if (asked.length > 1) withRanges(request, response);
      else {
        response.writeHead(200, { 'content-length': ARCHIVE.length });
        response.write(ARCHIVE.subarray(0, 100));
        parted.push(response);
      }
    };
    const release = kept(fromUrl());
    await vi.waitFor(() => expect(partBytes()).toBe(100), PATIENCE);
    for (const response of parted) response.destroy();
    await vi.waitFor(async () => expect(await release.installation()).toMatchObject(THERE), PATIENCE);
    expect(asked.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100-']);
  });

  test('goes on after a kill in the middle, and begins anew where the server gives no parts', async () => {
    for (const isPartial of [true, false]) {
      rmSync(keptFolder(folder), { recursive: true, force: true });
      answer = (_, response) => {
        response.writeHead(200, { 'content-length': ARCHIVE.length });
        response.write(ARCHIVE.subarray(0, 100));
      };
      const release = kept(fromUrl());
      await vi.waitFor(() => expect(partBytes()).toBe(100), PATIENCE);
      await release.stop();
      answer = (request, response) => (isPartial ? withRanges(request, response) : response.end(ARCHIVE));
      expect(await settled(fromUrl())).toMatchObject(THERE);
      expect(asked.at(-1)?.headers.range).toBe('bytes=100-');
      await leftIs('X');
    }
  });

  test('that changed since a part of it came is begun anew', async () => {
    mkdirSync(keptFolder(folder), { recursive: true });
    const key = createHash('sha256').update(SHA512).digest('hex').slice(0, 32);
    writeFileSync(join(keptFolder(folder), `${key}.part`), 'of another archive');
    const release = kept(fromUrl());
    await vi.waitFor(async () => expect(await release.installation()).toMatchObject(THERE), PATIENCE);
    expect(asked.map(({ headers }) => headers.range)).toEqual(['bytes=18-', undefined]);
  });

  test('that was whole when the process was killed is not fetched again', async () => {
    mkdirSync(keptFolder(folder), { recursive: true });
    const key = createHash('sha256').update(SHA512).digest('hex').slice(0, 32);
    writeFileSync(join(keptFolder(folder), `${key}.part`), ARCHIVE);
    expect(await settled(fromUrl())).toMatchObject(THERE);
  });

  test('with another checksum is refused with both, and nothing of it stays', async () => {
    const other = '0'.repeat(128);
    expect(await settled(fromUrl(other))).toEqual({
      missing: `Connectors run in Kafka Connect, which could not be fetched: kafka_2.13-4.3.1.tgz has the SHA-512 ${SHA512}, and should have ${other}; start "millrace up" again once that is put right.`,
    });
    expect(left()).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('that is no release of Apache Kafka is refused, and nothing of it stays', async () => {
    const other = tgz([{ name: 'a/libs/b.jar' }]);
    answer = (_, response) => response.end(other);
    expect(await settled(fromUrl(createHash('sha512').update(other).digest('hex')))).toMatchObject({
      missing: expect.stringContaining('There is no Kafka Connect in kafka_2.13-4.3.1.tgz'),
    });
    expect(left()).toEqual([]);
  });

  test.each([
    [404, 'was answered with 404; start "millrace up" again'],
    [503, 'was answered with 503; it is tried again'],
  ])('is refused where the server says %i', async (status, says) => {
    answer = (_, response) => response.writeHead(status).end('no');
    expect(await settled(fromUrl())).toMatchObject({ missing: expect.stringContaining(says) });
  });

  test('is tried again where nobody answers, until somebody does', async () => {
    const port = new URL(url).port;
    await new Promise((done) => server.close(done));
    const release = kept(fromUrl());
    let hasEnded = false;
    const ended = release.ended.then(() => {
      hasEnded = true;
    });
    expect(await outcome(release)).toMatchObject({
      missing: expect.stringContaining(`ECONNREFUSED 127.0.0.1:${port}`),
      comesFor: { javaRelease: 17 },
    });
    expect(hasEnded).toBe(false);
    await new Promise<void>((done) => server.listen(Number(port), '127.0.0.1', done));
    await ended;
    expect(await release.installation()).toMatchObject(THERE);
  });

  test('that is refused for good comes for nobody', async () => {
    answer = (_, response) => response.writeHead(404).end('no');
    const release = kept(fromUrl());
    await release.ended;
    expect(await release.installation()).not.toHaveProperty('comesFor');
  });

  test('of another release takes the place of the one before', async () => {
    await settled(fromUrl());
    const other = tgz([
      { name: 'k/libs/connect-runtime-4.4.0.jar' },
      { name: 'k/libs/connect-basic-auth-extension-4.4.0.jar' },
    ]);
    answer = (_, response) => response.end(other);
    const sha512 = createHash('sha512').update(other).digest('hex');
    expect(await settled(fromUrl(sha512))).toMatchObject({ version: '4.4.0' });
    await leftIs('X');
  });

  test('is nothing where Java is not installed', async () => {
    rmSync(join(folder, 'bin/java'));
    const release = new KeptRelease(world, keptFolder(folder), fromUrl(), { PATH: join(folder, 'bin') });
    expect(await release.installation()).toMatchObject({ missing: expect.stringContaining('needs Java 17') });
  });
});

describe('through Maven', () => {
  test('which is not installed, the answer says so', async () => {
    const release = new KeptRelease(
      world,
      keptFolder(folder),
      { kind: 'maven' },
      { PATH: join(folder, 'bin') },
    );
    releases.push(release);
    release.start();
    expect(await outcome(release)).toMatchObject({
      missing: expect.stringContaining('Maven is not installed'),
    });
  });

  test('its own words are told where it fails', async () => {
    program(
      'mvn',
      `echo '[ERROR] Failed to execute goal a:b:1:copy (default-cli) on project c: Unknown host example.org -> [Help 1]'; exit 1`,
    );
    expect(await settled({ kind: 'maven' })).toMatchObject({
      missing: expect.stringContaining('Maven failed: Unknown host example.org; it is tried again'),
    });
    await Promise.all(releases.map((release) => release.stop()));
    expect(left()).toEqual([]);
  });

  test('a jar that is another one is refused by its name, and nothing stays', async () => {
    program('mvn', `for last; do :; done; d=\${last#-DoutputDirectory=}; echo x > $d/lz4-java-1.10.2.jar`);
    expect(await settled({ kind: 'maven' })).toMatchObject({
      missing: expect.stringContaining('Maven brought at.yawk.lz4:lz4-java:1.10.2 with another SHA-512'),
    });
    expect(left()).toEqual([]);
  });

  test('a Maven that works when the control plane stops, ends', async () => {
    program('mvn', `echo $$ > ${join(folder, 'pid')}; exec sleep 600`);
    const release = kept({ kind: 'maven' });
    await vi.waitFor(() => expect(existsSync(join(folder, 'pid'))).toBe(true), PATIENCE);
    await release.stop();
    expect(left()).toEqual([]);
  });
});
