import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { createCa, issue } from '../../security/certificates/certificate.ts';
import { isApiError } from '../aws/api-error.ts';
import { EngineError } from '../engine.ts';
import { SealedStore } from '../sealed/sealed-store.ts';
import { InstallationCertificates } from './certificates.ts';
import { ClientAuthorities } from './client-authorities.ts';

const DAY_MS = 86_400_000;
const PLACE = { region: 'us-east-1', account: '000000000000' };
const world = nodeWorld(silent);
const root = createCa(world, { commonName: 'company' });

let folder: string;
let sealed: SealedStore;
let authorities: ClientAuthorities;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-client-cas-'));
  sealed = SealedStore.open(folder);
  authorities = new ClientAuthorities(world, sealed, PLACE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an imported CA has an ARN of ACM, and is there after a restart, until it is removed', () => {
  const arn = 'arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/company';
  expect(authorities.import('company', `text before\n${root.certificate}`, [])).toMatchObject({
    arn,
    key: null,
  });
  const again = new ClientAuthorities(world, SealedStore.open(folder), PLACE);
  expect(again.roots([arn])).toBe(root.certificate);
  const ca = again.byName('company');
  if (!ca) throw new Error('it is not there');
  again.remove(ca);
  expect(again.has(arn)).toBe(false);
  expect(SealedStore.open(folder).clientCas.all()).toEqual([]);
});

test('nobody is believed in the place of a CA that is not known', () => {
  expect(() =>
    authorities.roots(['arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/gone']),
  ).toThrow(EngineError);
  expect(authorities.roots([])).toBe('');
});

test('a CA that was made here signs for clients, and for no server', () => {
  const ca = authorities.create('tests');
  if (isApiError(ca)) throw new Error(ca.message);
  const issued = authorities.issue(ca, 'alice');
  if (isApiError(issued)) throw new Error(issued.message);
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.subject).toBe('CN=alice');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.verify(new X509Certificate(ca.certificates).publicKey)).toBe(true);
});

test('an imported CA signs nothing, and a name is given once', () => {
  const ca = authorities.import('company', root.certificate, []);
  if (isApiError(ca)) throw new Error(ca.message);
  expect(authorities.issue(ca, 'alice')).toMatchObject({ error: 'BadRequestException' });
  expect(authorities.create('company')).toMatchObject({ error: 'ConflictException' });
});

describe('it is refused to import', () => {
  const old = createCa(
    { ...world, clock: { ...world.clock, now: () => Date.now() - 4000 * DAY_MS } },
    { commonName: 'old' },
  );
  const leaf = issue(world, root, { commonName: 'alice', purposes: ['client'] });
  test.each([
    ['what is no PEM', 'certificate', /no certificate in PEM form/],
    ['a private key', root.certificate + root.key, /private key/],
    ['a damaged certificate', root.certificate.replace(/\n.{40}/, '\nAAAA'), /cannot be read/],
    ['the certificate of a client', leaf.certificate, /CN=alice is no CA/],
    ['a CA that has expired', old.certificate, /CN=old has expired/],
    ['more certificates than a chain has', root.certificate.repeat(17), /more than 16/],
  ])('%s', (_, pem, message) => {
    expect(authorities.import('company', pem, [])).toMatchObject({
      error: 'BadRequestException',
      message: expect.stringMatching(message),
    });
  });

  test('the CA that vouches for brokers: it is another root', () => {
    const { ca } = new InstallationCertificates(world, sealed, ['127.0.0.1']);
    expect(authorities.import('company', ca, [])).toMatchObject({
      message: expect.stringMatching(/brokers/),
    });
  });

  test("the CA that vouches for a cluster's nodes: a client of it would pass for a broker elsewhere", () => {
    const nodes = createCa(world, { commonName: 'Millrace nodes' });
    const others = [root.certificate, nodes.certificate];
    expect(authorities.import('company', nodes.certificate, others)).toMatchObject({
      error: 'BadRequestException',
      message: expect.stringMatching(/the nodes of one of Millrace's clusters/),
    });
  });
});
