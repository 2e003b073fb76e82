import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silent } from '../base/log.ts';
import { NodeDisk } from '../platform/node-disk.ts';
import { NodeRandom } from '../platform/node-random.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { createCa, issue } from '../security/certificates/certificate.ts';
import { tlsSource } from './tls-files.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const DAY_MS = 86_400_000;
let now: number;
let timers: (() => void)[];
let warnings: string[];

/** A world whose timers run when the test says so. */
const world = {
  ...nodeWorld(silent),
  disk: new NodeDisk(),
  random: new NodeRandom(),
  clock: {
    now: () => now,
    monotonic: () => now,
    soon: () => {},
    after: (_: number, run: () => void) => {
      timers.push(run);
      return { cancel: () => timers.splice(timers.indexOf(run), 1) };
    },
  },
  log: {
    ...silent,
    warn: (message: string) => warnings.push(message),
    error: (message: string) => warnings.push(message),
  },
};
const ca = createCa({ ...world, clock: { ...world.clock, now: () => NOW } }, { commonName: 'CA' });

function identity() {
  return issue(world, ca, { commonName: 'localhost', dnsNames: ['localhost'], purposes: ['server'] });
}

function runTimers(): void {
  for (const run of timers.splice(0)) run();
}

beforeEach(() => {
  now = NOW;
  timers = [];
  warnings = [];
});

function files() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const paths = { certificate: join(folder, 'broker.pem'), key: join(folder, 'broker.key') };
  const write = ({ certificate, key }: { certificate: string; key: string }): void => {
    writeFileSync(paths.certificate, certificate);
    writeFileSync(paths.key, key);
  };
  return { paths, write };
}

describe('files of a listener', () => {
  test('are taken when they are exchanged, and the listener is told once', () => {
    const { paths, write } = files();
    const [first, second] = [identity(), identity()];
    write(first);
    const source = tlsSource(world, { ...paths, clientAuth: 'none' });
    let changes = 0;
    const forget = source.onChange(() => changes++);
    runTimers();
    expect([changes, source.current()]).toEqual([0, { identity: first, clientCas: '' }]);
    write(second);
    runTimers();
    runTimers();
    expect([changes, source.current()]).toEqual([1, { identity: second, clientCas: '' }]);
    forget();
    expect(timers).toEqual([]);
  });

  test('that are gone or broken later leave the listener what it has', () => {
    const { paths, write } = files();
    const first = identity();
    write(first);
    const source = tlsSource(world, { ...paths, clientAuth: 'none' });
    source.onChange(() => expect.fail('nothing changed'));
    write({ certificate: 'half a cert', key: first.key });
    runTimers();
    rmSync(paths.certificate);
    runTimers();
    expect(source.current().identity).toEqual(first);
    expect(warnings).toHaveLength(2);
  });

  test('that are missing at the start, or hold no certificate, are an error', () => {
    const { paths, write } = files();
    expect(() => tlsSource(world, { ...paths, clientAuth: 'none' })).toThrow(
      `${paths.certificate} of a TLS listener is missing`,
    );
    write({ certificate: 'none', key: 'none' });
    expect(() => tlsSource(world, { ...paths, clientAuth: 'none' })).toThrow('no certificate');
    expect(() => tlsSource(world, { ...paths, clientAuth: 'required' })).toThrow('the file of their CAs');
  });

  test('are told of once a day from 30 days before their end', () => {
    const { paths, write } = files();
    write(identity());
    const source = tlsSource(world, { ...paths, clientAuth: 'none' });
    source.onChange(() => {});
    now = NOW + 365 * DAY_MS;
    runTimers();
    expect(warnings).toEqual([]);
    now += 2 * DAY_MS;
    runTimers();
    runTimers();
    expect(warnings).toEqual(['the certificate of a TLS listener ends soon, or has ended']);
  });

  test('are told of where a CA of clients ends, too, whose clients are out from then on', () => {
    const { paths, write } = files();
    const clientCas = join(dirname(paths.certificate), 'client-cas.pem');
    const caFrom = (from: number, commonName: string) =>
      createCa({ ...world, clock: { ...world.clock, now: () => from } }, { commonName }).certificate;
    // A CA is for ten years.
    writeFileSync(clientCas, caFrom(NOW - 3630 * DAY_MS, 'old clients') + caFrom(NOW, 'clients'));
    write(identity());
    const source = tlsSource(world, { ...paths, clientCas, clientAuth: 'required' });
    source.onChange(() => {});
    expect(warnings).toEqual(['a CA of the clients of a TLS listener ends soon, or has ended']);
    now += DAY_MS / 2;
    runTimers();
    expect(warnings).toHaveLength(1);
    now += DAY_MS / 2;
    runTimers();
    expect(warnings).toHaveLength(2);
  });
});
