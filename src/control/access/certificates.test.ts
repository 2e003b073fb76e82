import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { SealedStore } from '../sealed/sealed-store.ts';
import { InstallationCertificates } from './certificates.ts';
import { permittedNames, tlsName } from './tls-names.ts';

const DAY_MS = 86_400_000;

let folder: string;
/** How far the world's clock is ahead. */
let aheadMs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-certificates-'));
  aheadMs = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function certificates(...advertised: string[]): InstallationCertificates {
  const world = nodeWorld(silent);
  const clock: World['clock'] = {
    now: () => world.clock.now() + aheadMs,
    monotonic: () => world.clock.monotonic(),
    after: (ms, run) => world.clock.after(ms, run),
    soon: (run) => world.clock.soon(run),
  };
  return new InstallationCertificates({ ...world, clock }, SealedStore.open(folder), advertised);
}

test('the CA is the same one after a restart, whatever the order of the names and with fewer of them', () => {
  const { ca } = certificates('127.0.0.1', 'vm.example', 'docker.example');
  expect(certificates('127.0.0.1', 'docker.example', 'vm.example').ca).toBe(ca);
  expect(certificates('vm.example').ca).toBe(ca);
  expect(certificates('127.0.0.1').ca).toBe(ca);
});

describe('with a further advertised name', () => {
  /** What a client that trusts these roots makes of a server of this name; OK when it believes it. */
  const trusted = (ca: string, servername: string, { certificate: cert, key }: TlsIdentity) => {
    const [near, far] = duplexPair();
    const server = new TLSSocket(far, {
      isServer: true,
      secureContext: createSecureContext({ cert, key }),
    });
    server.on('error', () => {});
    return new Promise<string>((resolve) => {
      const client = connect({ socket: near, ca, servername }, () => resolve('OK'));
      client.on('error', (error) => resolve(error.message));
    });
  };

  test('clients that trust the CA go on with the names that it had, and those that export it again reach both', async () => {
    const { ca: before } = certificates('127.0.0.1');
    const there = certificates('127.0.0.1').identity(['localhost'], null);
    const wider = certificates('127.0.0.1', 'vm.example');
    const further = wider.identity(['vm.example'], null);
    const anew = wider.identity(['localhost'], null);
    expect(wider.identity(['localhost'], there)).toBe(there);

    expect(await trusted(before, 'localhost', there)).toBe('OK');
    expect(await trusted(before, 'localhost', anew)).toBe('OK');
    expect(await trusted(before, 'vm.example', further)).toContain('permitted subtree violation');
    expect(await trusted(wider.ca, 'localhost', there)).toBe('OK');
    expect(await trusted(wider.ca, 'vm.example', further)).toBe('OK');
    expect(certificatesIn(wider.ca)).toHaveLength(1);
  });

  test('the CA ends when it would have ended', () => {
    const [before] = certificatesIn(certificates('127.0.0.1').ca);
    aheadMs = 500 * DAY_MS;
    const [after] = certificatesIn(certificates('vm.example').ca);
    expect(after?.validTo).toBe(before?.validTo);
    expect(after?.fingerprint256).not.toBe(before?.fingerprint256);
  });

  test('the next CA vouches for it, too, and one that vouched for every name stays so', () => {
    certificates('127.0.0.1').prepareNext();
    certificates('vm.example').useNext();
    const there = certificates('vm.example').identity(['vm.example'], null);
    const [signs] = certificatesIn(certificates('vm.example').ca);
    expect(signs && new X509Certificate(there.certificate).checkIssued(signs)).toBe(true);
    const { ca } = certificates('broker{id}');
    expect(certificates('other.example').ca).toBe(ca);
  });
});

describe('a certificate of a broker', () => {
  test('is kept while it is good for months, also by the next life of the control plane', () => {
    const there = certificates('127.0.0.1').identity(['localhost'], null);
    expect(new X509Certificate(there.certificate).checkHost('localhost')).toBe('localhost');
    aheadMs = 200 * DAY_MS;
    expect(certificates('127.0.0.1').identity(['localhost'], there)).toBe(there);
  });

  test('is exchanged when a third of its time is left', () => {
    const there = certificates('127.0.0.1').identity(['localhost'], null);
    aheadMs = 270 * DAY_MS;
    const next = certificates('127.0.0.1').identity(['localhost'], there);
    expect(next).not.toEqual(there);
    const days = (Date.parse(new X509Certificate(next.certificate).validTo) - Date.now() - aheadMs) / DAY_MS;
    expect(days).toBeGreaterThan(390);
  });

  test('is exchanged when the broker has another name', () => {
    const there = certificates('vm.example').identity(['vm.example'], null);
    expect(certificates('vm.example').identity(['localhost'], there)).not.toEqual(there);
    expect(certificates('vm.example').identity(['vm.example'], there)).toBe(there);
  });

  test('has all the names that clients are told, and is exchanged for one with a further name', () => {
    const both = ['localhost', 'vm.example'];
    const there = certificates('127.0.0.1', 'vm.example').identity(both, null);
    const leaf = new X509Certificate(there.certificate);
    for (const name of both) expect(leaf.checkHost(name)).toBe(name);
    expect(certificates('127.0.0.1', 'vm.example').identity(both, there)).toBe(there);
    const third = [...both, 'a.vm.example'];
    expect(certificates('127.0.0.1', 'vm.example').identity(third, there)).not.toEqual(there);
  });

  test('that cannot be read is exchanged', () => {
    const damaged = {
      certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      key: '',
    };
    expect(certificates('127.0.0.1').identity(['localhost'], damaged)).not.toEqual(damaged);
  });
});

describe('the names of TLS', () => {
  test.each([
    ['127.0.0.1', 'localhost'],
    ['::1', 'localhost'],
    ['vm.example', 'vm.example'],
    ['broker-{id}.example', 'broker-2.example'],
    ['192.168.1.5', null],
    ['127.0.0.1{id}', null],
  ])('clients that are told %s look for %s', (advertise, name) => {
    expect(tlsName(advertise, 2)).toBe(name);
  });

  test.each([
    [['127.0.0.1'], ['localhost']],
    [['vm.example'], ['localhost', 'vm.example']],
    [['broker-{id}.kafka.example'], ['localhost', 'kafka.example']],
    [
      ['vm.example', '127.0.0.1', 'docker.example'],
      ['localhost', 'docker.example', 'vm.example'],
    ],
    [['broker{id}'], null],
    [['127.0.0.1', 'broker{id}'], null],
  ])('with %j the CA vouches for %j', (advertised, names) => {
    expect(permittedNames(advertised)).toEqual(names);
  });
});

/** The certificates of a PEM text. */
const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

/** Which of the exported CAs signed for a broker that has had `there` so far, by index. */
function signer(there: TlsIdentity | null = null): number {
  const leaf = new X509Certificate(certificates().identity(['localhost'], there).certificate);
  return certificatesIn(certificates().ca).findIndex(
    (ca) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey),
  );
}

describe('the CA is replaced', () => {
  test('by one that clients are told to trust before it signs, also when the control plane starts again between', () => {
    const there = certificates().identity(['localhost'], null);
    const [first] = certificatesIn(certificates().ca);
    expect(certificates().useNext()).toBe(false);
    expect(certificates().prepareNext()).toBe(true);
    expect(certificates().prepareNext()).toBe(false);
    const [signs, next] = certificatesIn(certificates().ca);
    expect(signs?.fingerprint256).toBe(first?.fingerprint256);
    expect(next?.subject).not.toBe(first?.subject);
    expect(certificates().identity(['localhost'], there)).toBe(there);

    expect(certificates().useNext()).toBe(true);
    const exported = certificatesIn(certificates().ca).map(({ fingerprint256 }) => fingerprint256);
    expect(exported).toEqual([next?.fingerprint256, first?.fingerprint256]);
    expect(certificates().identity(['localhost'], there)).not.toEqual(there);
    expect(signer(there)).toBe(0);
    certificates().keepUp();
    expect(certificatesIn(certificates().ca)).toHaveLength(2);
    aheadMs = 2 * DAY_MS;
    certificates().keepUp();
    expect(certificatesIn(certificates().ca).map(({ fingerprint256 }) => fingerprint256)).toEqual([
      next?.fingerprint256,
    ]);
  });

  test('by itself, in the same two phases, so early that no certificate outlives its CA', () => {
    certificates().keepUp();
    const { ca } = certificates();
    for (let day = 0; day < 4000; day += 50) {
      aheadMs = day * DAY_MS;
      certificates().keepUp();
      const leaf = new X509Certificate(certificates().identity(['localhost'], null).certificate);
      const signed = certificatesIn(certificates().ca)[signer()];
      expect(Date.parse(leaf.validTo)).toBeLessThan(Date.parse(signed?.validTo ?? ''));
      // A client that took what was exported a year before, trusts whoever signs.
      if (day === 3000) expect(certificatesIn(certificates().ca)).toHaveLength(2);
      if (day === 2800 || day === 3200) expect(certificates().ca.startsWith(ca)).toBe(true);
    }
    expect(certificates().ca.includes(ca)).toBe(false);
  });
});
