import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { NodeClock } from '../../platform/node-clock.ts';
import { NodeRandom } from '../../platform/node-random.ts';
import { createCa, issue } from './certificate.ts';
import { certificatePrincipal } from './certificate-principal.ts';
import { derOf } from './pem.ts';
import { renamed, unreadableSubjects } from './testing/renamed.ts';

const world = { clock: new NodeClock(), random: new NodeRandom() };
const ca = createCa(world, { commonName: 'clients' });
const alice = issue(world, ca, { commonName: 'alice', purposes: ['client'] });

test('a client is called by the subject of its certificate', () => {
  expect(certificatePrincipal(derOf(alice.certificate))).toBe('User:CN=alice');
});

test.each(unreadableSubjects)('whoever has a certificate whose subject %s is nobody', (_, subject) => {
  const { certificate } = renamed(alice, ca, subject);
  // To OpenSSL it is a certificate like any other.
  expect(new X509Certificate(certificate).verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  expect(certificatePrincipal(derOf(certificate))).toBeNull();
});
