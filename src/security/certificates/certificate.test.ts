import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import { createCa, issue } from './certificate.ts';
import { DerError } from './der.ts';
import { derOf } from './pem.ts';
import { subjectOf, validUntil } from './read-certificate.ts';
import { x500Name } from './x500-name.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const world = {
  random: new Sfc32(1),
  clock: { now: () => NOW, monotonic: () => 0, after: () => ({ cancel() {} }), soon: () => {} },
};
const ca = createCa(world, { commonName: 'Millrace cluster A', permittedNames: ['localhost', 'kafka.test'] });

function leaf(days = 0): X509Certificate {
  const later = { ...world, clock: { ...world.clock, now: () => NOW + days * 86_400_000 } };
  const { certificate } = issue(later, ca, {
    commonName: 'broker 1',
    dnsNames: ['localhost', 'kafka.test'],
    purposes: ['server'],
  });
  return new X509Certificate(certificate);
}

describe('a certificate', () => {
  test('is signed by its CA, for its names and purposes, and is no CA itself', () => {
    const certificate = leaf();
    const issuer = new X509Certificate(ca.certificate);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:localhost, DNS:kafka.test');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect([certificate.ca, issuer.ca]).toEqual([false, true]);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  test('is valid from an hour ago, for no more than 397 days', () => {
    const { validFromDate, validToDate } = leaf();
    expect(validFromDate.getTime()).toBe(NOW - 3_600_000);
    expect(validToDate.getTime() - validFromDate.getTime()).toBeLessThanOrEqual(397 * 86_400_000);
  });

  test('tells times after 2049 as well', () => {
    expect(leaf(365 * 30).validFromDate.toISOString()).toBe('2056-11-20T11:00:00.000Z');
  });

  test('has a serial number that none had before, positive and of 128 bits', () => {
    const serials = Array.from({ length: 50 }, () => leaf().serialNumber);
    expect(new Set(serials).size).toBe(50);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test('tells until when it is valid', () => {
    for (const days of [0, 365 * 30]) {
      const certificate = leaf(days);
      expect(validUntil(certificate.raw)).toBe(certificate.validToDate.getTime());
    }
  });

  test('tells its subject', () => {
    expect(x500Name(subjectOf(derOf(ca.certificate)))).toBe('CN=Millrace cluster A');
  });

  test('that is none is a DerError', () => {
    expect(() => derOf('no PEM')).toThrow(DerError);
    for (const hex of ['', '30', '3000', '30023000'])
      expect(() => subjectOf(Buffer.from(hex, 'hex'))).toThrow(DerError);
  });
});
