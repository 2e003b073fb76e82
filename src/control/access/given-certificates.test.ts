import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { createCa, issue, type NewCa, type Purpose } from '../../security/certificates/certificate.ts';
import { certificatesIn } from '../../security/certificates/pem.ts';
import { GivenCertificates, type GivenFiles } from './given-certificates.ts';
import made from './given-certificates.vector.json' with { type: 'json' };

const DAY_MS = 86_400_000;
const real = nodeWorld(silent);
const at = (days: number): World => ({
  ...real,
  clock: {
    now: () => real.clock.now() + days * DAY_MS,
    monotonic: () => real.clock.monotonic(),
    after: (ms, run) => real.clock.after(ms, run),
    soon: (run) => real.clock.soon(run),
  },
});
const root = createCa(real, { commonName: 'Example root' });
const other = createCa(real, { commonName: 'somebody else' });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-given-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leaf(
  by: { world?: World; ca?: TlsIdentity; name?: string; purposes?: readonly Purpose[] } = {},
): TlsIdentity {
  const { world = real, ca = root, name = 'localhost', purposes = ['server'] } = by;
  return issue(world, ca, { commonName: name, dnsNames: [name], purposes });
}

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const serverFiles = (certificates: string, key: string, more: Partial<GivenFiles> = {}): GivenFiles => ({
  kind: 'server',
  certificate: file('server.pem', certificates),
  key: file('server-key.pem', key),
  ...more,
});
const authorityFiles = (certificates: string, key: string): GivenFiles => ({
  kind: 'authority',
  certificate: file('ca.pem', certificates),
  key: file('ca-key.pem', key),
});
const read = (files: GivenFiles, names = ['localhost'], world = real) =>
  GivenCertificates.read(world, files, names);
const encrypted = (key: string, passphrase: string): string =>
  createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();

test('a certificate that was given is shown as it is, and clients get its root', async () => {
  const own = leaf();
  const given = await read(serverFiles(own.certificate + root.certificate, own.key));
  const shown = given.identity(['localhost'], null);
  expect(shown).toEqual({ certificate: own.certificate, key: expect.stringContaining('PRIVATE KEY') });
  expect(given.ca).toBe(root.certificate);
  expect(given.identity(['localhost'], { ...shown })).toEqual(shown);
  expect(() => given.identity(['vm.example'], null)).toThrow(/is not for vm\.example/);
});

test('the root may be in another file, the key encrypted, and a file a link, as tools make them', async () => {
  const own = leaf();
  const key = encrypted(own.key, 'a passphrase');
  const files = serverFiles(own.certificate, key, {
    root: file('root.pem', root.certificate),
    passphrase: file('passphrase', 'a passphrase\n'),
  });
  const link = join(folder, 'link.pem');
  symlinkSync(files.key, link);
  const given = await read({ ...files, key: link });
  expect(createPrivateKey(given.identity(['localhost'], null).key).asymmetricKeyType).toBe('ec');
});

test('a self-signed certificate is its own root', async () => {
  const given = await read(serverFiles(made.selfSigned.certificate, made.selfSigned.key));
  expect(given.ca).toBe(given.identity(['localhost'], null).certificate);
});

describe('a CA that was given', () => {
  test('signs for every name, and no longer than it lasts itself', async () => {
    const ending = createCa(at(-3650 + 100), { commonName: 'ends in 100 days' });
    const given = await read(authorityFiles(ending.certificate, ending.key));
    const shown = given.identity(['localhost'], null);
    const [own] = certificatesIn(shown.certificate).map((pem) => new X509Certificate(pem));
    expect(own?.checkHost('localhost')).toBe('localhost');
    expect(own?.validTo).toBe(new X509Certificate(ending.certificate).validTo);
    expect(given.identity(['localhost'], shown)).toBe(shown);
    expect(given.identity(['vm.example'], shown)).not.toEqual(shown);
  });

  test('may be below a root and have an RSA key: then clients are shown what is between', async () => {
    const { certificate, key, root: top } = made.intermediate;
    const given = await read(authorityFiles(certificate + top, key));
    const shown = given.identity(['localhost'], null);
    expect(certificatesIn(shown.certificate)).toHaveLength(2);
    expect(given.ca).toBe(top);
    expect(given.identity(['localhost'], shown)).toBe(shown);
  });
});

describe('before anything is started it is refused, with the reason,', () => {
  const constrained = (permittedNames: NewCa['permittedNames']): TlsIdentity =>
    createCa(real, { commonName: 'constrained', ...(permittedNames ? { permittedNames } : {}) });
  const own = leaf();
  const chain = own.certificate + root.certificate;
  const cases: readonly (readonly [string, () => GivenFiles, RegExp])[] = [
    ['a key of another certificate', () => serverFiles(chain, leaf().key), /CN=localhost: they are no pair/],
    [
      'a certificate for another name',
      () => {
        const elsewhere = leaf({ name: 'vm.example' });
        return serverFiles(elsewhere.certificate + root.certificate, elsewhere.key);
      },
      /is not for localhost, which clients are told/,
    ],
    [
      'one that has expired',
      () => {
        const old = leaf({ world: at(-400) });
        return serverFiles(old.certificate + root.certificate, old.key);
      },
      /CN=localhost has expired: it was valid until/,
    ],
    [
      'one that is not valid yet',
      () => {
        const early = leaf({ world: at(2) });
        return serverFiles(early.certificate + root.certificate, early.key);
      },
      /CN=localhost is not valid yet/,
    ],
    [
      'one for clients',
      () => {
        const client = leaf({ purposes: ['client'] });
        return serverFiles(client.certificate + root.certificate, client.key);
      },
      /is not for servers/,
    ],
    [
      'a key that is encrypted',
      () => serverFiles(chain, encrypted(own.key, 'x')),
      /encrypted, and there is no pass/,
    ],
    [
      'a passphrase that is wrong',
      () => serverFiles(chain, encrypted(own.key, 'x'), { passphrase: file('passphrase', 'y\n') }),
      /the passphrase does not open the key/,
    ],
    [
      'a certificate without a root',
      () => serverFiles(own.certificate, own.key),
      /has no root: .*--tls-root/,
    ],
    [
      'the root of somebody else',
      () => serverFiles(own.certificate, own.key, { root: file('root.pem', other.certificate) }),
      /Clients that look for localhost would refuse what .*server\.pem vouches for/,
    ],
    [
      'certificates in the wrong order',
      () => serverFiles(own.certificate + other.certificate, own.key),
      /CN=somebody else did not sign CN=localhost/,
    ],
    ['a file without a certificate', () => serverFiles('nothing', own.key), /no certificate in PEM form/],
    ['a file without a key', () => serverFiles(chain, chain), /no private key in PEM form/],
    ['a leaf as a CA', () => authorityFiles(chain, own.key), /CN=localhost is no CA/],
    [
      'a CA that may not vouch for the name',
      () => {
        const ca = constrained(['vm.example']);
        return authorityFiles(ca.certificate, ca.key);
      },
      /Clients that look for localhost would refuse .*: permitted subtree violation/,
    ],
    [
      'a CA that has expired',
      () => {
        const ca = createCa(at(-4000), { commonName: 'old' });
        return authorityFiles(ca.certificate, ca.key);
      },
      /CN=old has expired/,
    ],
    [
      'a file that is not there',
      () => ({ ...serverFiles(chain, own.key), key: join(folder, 'none.pem') }),
      /none\.pem cannot be read \(ENOENT\)/,
    ],
    [
      'a key that everybody can read',
      () => {
        const files = serverFiles(chain, own.key);
        chmodSync(files.key, 0o644);
        return files;
      },
      /Every user of this machine can read .*server-key\.pem: .*chmod o= /,
    ],
  ];
  test.each(cases)('%s', async (_, files, message) => {
    await expect(read(files())).rejects.toThrow(message);
  });

  test('and no message has a key or a passphrase', async () => {
    const files = serverFiles(chain, encrypted(own.key, 'x'), {
      passphrase: file('passphrase', 'not this one\n'),
    });
    const error = await read(files).catch((failure: unknown) => failure);
    expect(String(error)).not.toMatch(/not this one|BEGIN/);
  });
});

test('files that change are read again; a pair that is not one yet changes nothing', async () => {
  const first = leaf();
  const files = serverFiles(first.certificate + root.certificate, first.key);
  const waiting: (() => void)[] = [];
  const errors: string[] = [];
  const world: World = {
    ...real,
    log: { ...silent, error: (message) => void errors.push(message) },
    clock: {
      now: () => real.clock.now(),
      monotonic: () => real.clock.monotonic(),
      soon: (run) => real.clock.soon(run),
      after: (_, run) => {
        waiting.push(run);
        return { cancel() {} };
      },
    },
  };
  const given = await read(files, ['localhost'], world);
  let changes = 0;
  const stop = given.watch(() => changes++);
  const look = async () => {
    const before = waiting.length;
    waiting.at(-1)?.();
    while (waiting.length === before) await new Promise((done) => setImmediate(done));
  };
  await look();
  expect(changes).toBe(0);

  const second = leaf();
  writeFileSync(files.certificate, second.certificate + root.certificate);
  await look();
  await look();
  expect([changes, given.identity(['localhost'], null).certificate]).toEqual([0, first.certificate]);
  expect(errors).toHaveLength(1);
  writeFileSync(files.key, second.key);
  await look();
  expect([changes, given.identity(['localhost'], null).certificate]).toEqual([1, second.certificate]);
  stop();
});
