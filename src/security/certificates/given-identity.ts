import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { canSign, purposeOids } from './certificate.ts';
import { certificatesIn } from './pem.ts';
import { validFrom, validUntil } from './read-certificate.ts';

/** Long enough for a server, what is between it and its root, and the root. */
const MOST_CERTIFICATES = 16;

/** Certificates and a private key that somebody gave, as PEM text, with what they are called in messages. */
export interface GivenPem {
  /** The one that is meant, then those that signed for it. */
  readonly certificates: string;
  readonly key: string;
  /** Opens an encrypted key. */
  readonly passphrase?: string | undefined;
}

/** What was given, read and found to belong together. */
export interface GivenIdentity {
  /** PEM text of the certificate that is meant, and of those between it and its root. */
  readonly certificate: string;
  /** PEM text of the key, not encrypted. */
  readonly key: string;
  /** PEM text of the root, when it was among the certificates; else null. */
  readonly root: string | null;
}

/** Wrong in what was given. The message is a part of a sentence, without what a key or a passphrase is. */
export class GivenIdentityError extends Error {}

/**
 * Throws GivenIdentityError when these are no certificate of a server with its key: a wrong pair, one that is
 * not valid now, or for clients.
 */
export function givenServer(given: GivenPem, now: number): GivenIdentity {
  const { leaf, identity } = read(given, now);
  // Node calls the extended key usage so; without one a certificate is for everything.
  const usage: readonly string[] | undefined = leaf.keyUsage;
  if (usage !== undefined && !usage.includes(purposeOids.server))
    throw new GivenIdentityError(
      `${nameOf(leaf)} is not for servers: its extended key usage lacks serverAuth`,
    );
  return identity;
}

/**
 * Throws GivenIdentityError when these are no CA with its key: a wrong pair, one that is not valid now, or
 * may not sign.
 */
export function givenAuthority(given: GivenPem, now: number): GivenIdentity {
  const { leaf, key, identity } = read(given, now);
  if (!leaf.ca) throw new GivenIdentityError(`${nameOf(leaf)} is no CA: it may not sign certificates`);
  if (!canSign(key))
    throw new GivenIdentityError(
      `the key is of the kind ${key.asymmetricKeyType}: a CA that signs for brokers has an EC or RSA key`,
    );
  return identity;
}

/** The first of the names that a certificate (PEM) is not for; null when it is for all of them. */
export function nameMissing(certificate: string, names: readonly string[]): string | null {
  const leaf = new X509Certificate(certificate);
  return names.find((name) => leaf.checkHost(name, { subject: 'never' }) === undefined) ?? null;
}

function read({ certificates, key: keyText, passphrase }: GivenPem, now: number) {
  const blocks = certificatesIn(certificates);
  if (blocks.length === 0) throw new GivenIdentityError('there is no certificate in PEM form');
  if (blocks.length > MOST_CERTIFICATES)
    throw new GivenIdentityError(`there are more than ${MOST_CERTIFICATES} certificates`);
  const chain = blocks.map(certificateOf);
  for (const certificate of chain) checkTimes(certificate, now);
  const [leaf] = chain;
  if (!leaf) throw new GivenIdentityError('there is no certificate in PEM form');
  const key = privateKey(keyText, passphrase);
  if (!leaf.checkPrivateKey(key))
    throw new GivenIdentityError(`the key is not the one of ${nameOf(leaf)}: they are no pair`);
  chain.forEach((certificate, index) => {
    const issuer = chain[index + 1];
    if (issuer && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)))
      throw new GivenIdentityError(
        `${nameOf(issuer)} did not sign ${nameOf(certificate)}: each certificate is followed by that of its CA`,
      );
  });
  const last = chain.at(-1);
  const hasRoot = last ? last.checkIssued(last) && last.verify(last.publicKey) : false;
  const shown = hasRoot && blocks.length > 1 ? blocks.slice(0, -1) : blocks;
  const identity: GivenIdentity = {
    certificate: shown.join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    root: hasRoot ? (blocks.at(-1) ?? null) : null,
  };
  return { leaf, key, identity };
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new GivenIdentityError('a certificate cannot be read', { cause });
  }
}

function checkTimes(certificate: X509Certificate, now: number): void {
  if (validUntil(certificate.raw) < now)
    throw new GivenIdentityError(
      `${nameOf(certificate)} has expired: it was valid until ${certificate.validTo}`,
    );
  if (validFrom(certificate.raw) > now)
    throw new GivenIdentityError(
      `${nameOf(certificate)} is not valid yet: it is from ${certificate.validFrom} on`,
    );
}

function privateKey(text: string, passphrase: string | undefined): KeyObject {
  if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(text))
    throw new GivenIdentityError('there is no private key in PEM form');
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (isEncrypted && passphrase === undefined)
    throw new GivenIdentityError('the key is encrypted, and there is no passphrase');
  try {
    return createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new GivenIdentityError(
      isEncrypted ? 'the passphrase does not open the key' : 'the private key cannot be read',
    );
  }
}

/** `CN=broker, O=Example`. */
function nameOf({ subject, subjectAltName }: X509Certificate): string {
  return subject ? subject.replaceAll('\n', ', ') : (subjectAltName ?? 'a certificate without a name');
}
