import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { Sfc32 } from '../../base/random.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { createCa, issue } from './certificate.ts';
import { keystore, truststore, wrongPkcs12Password } from './pkcs12.ts';

const PASSWORD = 'correct "horse" 1';
const world = nodeWorld(silent);
const seal = { random: new Sfc32(1), password: PASSWORD };
const ca = createCa(world, { commonName: 'CA' });
const own = issue(world, ca, { commonName: 'localhost', dnsNames: ['localhost'], purposes: ['server'] });
const chain = { certificate: own.certificate + ca.certificate, key: own.key };

/** What somebody who trusts `ca` is shown, first to last, by who has this file alone. */
async function shownBy(pfx: Buffer): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pkcs12-'));
  const path = join(folder, 'socket');
  const server = createServer({ pfx, passphrase: PASSWORD });
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  server.listen(path);
  await once(server, 'listening');
  const socket: TLSSocket = connect({ path, ca: [ca.certificate], servername: 'localhost' });
  await once(socket, 'secureConnect');
  const leaf = socket.getPeerCertificate(true);
  socket.destroy();
  return [leaf.raw, leaf.issuerCertificate.raw].map((raw) => new X509Certificate(raw).toString());
}

// Node reads these files by OpenSSL; in test/security/api-mutual-tls.test.ts keytool and a Java client do.
describe('a PKCS#12 file', () => {
  test('has a key that fits its certificate, and the certificate of the CA', async () => {
    expect(await shownBy(keystore(seal, 'alice', chain))).toEqual([own.certificate, ca.certificate]);
  });

  test('opens with its password alone, and not when a byte of it was changed', () => {
    const whole = keystore(seal, 'alice', chain);
    const changed = Buffer.from(whole);
    changed[200] = (changed[200] ?? 0) ^ 1;
    expect(() => createSecureContext({ pfx: whole, passphrase: PASSWORD })).not.toThrow();
    expect(() => createSecureContext({ pfx: whole, passphrase: `${PASSWORD}.` })).toThrow(
      'mac verify failure',
    );
    expect(() => createSecureContext({ pfx: changed, passphrase: PASSWORD })).toThrow();
  });

  test('gives away no certificate and no key to who does not know the password', () => {
    const files = [keystore(seal, 'alice', chain), truststore(seal, 'millrace-ca', ca.certificate)];
    for (const file of files) {
      expect(file.includes(Buffer.from('localhost'))).toBe(false);
      expect(file.includes(new X509Certificate(ca.certificate).raw.subarray(-40))).toBe(false);
    }
  });

  test('is sealed with salts of its own', () => {
    const [one, other] = [0, 1].map(() => truststore(seal, 'millrace-ca', ca.certificate));
    expect(one).not.toEqual(other);
  });

  test('takes a password that every reader reads alike, and keytool can change', () => {
    expect(['secret', PASSWORD, '~~ ~~~'].map(wrongPkcs12Password)).toEqual([null, null, null]);
    expect(wrongPkcs12Password('short')).toContain('at least 6 characters');
    for (const password of ['', 'pässword', 'tab\tulator', '\u{1f511}\u{1f511}\u{1f511}'])
      expect(wrongPkcs12Password(password)).toContain('printable characters of ASCII');
  });
});
