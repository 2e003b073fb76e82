import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { assert } from '../../base/assert.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { bitString, context, der, objectIdentifier, sequence, tags, time, unsignedInteger } from './der.ts';
import { derOf, pemOf } from './pem.ts';
import { subjectKeyIdOf, subjectOf, validUntil } from './read-certificate.ts';

const DAY_MS = 86_400_000;
/**
 * Clients take no leaf that is valid for longer (the CA/Browser Forum's limit, less a day for the hour back).
 */
const LEAF_DAYS = 396;
/** Clocks of clients may be late. */
const BACK_MS = 3_600_000;
/** Of a CA: long enough that nobody meets its end. */
const CA_DAYS = 3650;
const SERIAL_BYTES = 16;

/** How a CA signs, by the kind of its key; RFC 5758 and RFC 4055. Every client knows these two. */
const SIGNATURES: Readonly<Record<string, Buffer>> = {
  ec: sequence(objectIdentifier('1.2.840.10045.4.3.2')),
  rsa: sequence(objectIdentifier('1.2.840.113549.1.1.11'), der(tags.null)),
};

/** What a certificate may be used for. */
export type Purpose = 'server' | 'client';

/** As the extended key usage of a certificate names them. */
export const purposeOids: Readonly<Record<Purpose, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
};

const oids = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
};

/** Bits of KeyUsage, the first one highest; the number of unused bits stands before them. */
const DIGITAL_SIGNATURE = Buffer.from([7, 0x80]);
const SIGNS_CERTIFICATES = Buffer.from([1, 0x06]);

/** What a new CA is called, and whom it may vouch for. */
export interface NewCa {
  readonly commonName: string;
  /**
   * DNS names (and names below them) that its certificates may have; no addresses then. By default it is not
   * constrained.
   */
  readonly permittedNames?: readonly string[];
}

/**
 * A CA that signs itself: an ECDSA key on P-256, for ten years. The key comes from the system's randomness,
 * not from the world's.
 */
export function createCa(
  world: Pick<World, 'clock' | 'random'>,
  { commonName, permittedNames }: NewCa,
): TlsIdentity {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const until = world.clock.now() + CA_DAYS * DAY_MS;
  return selfSigned(world, { name: distinguishedName(commonName), privateKey, until, permittedNames });
}

/**
 * The same CA, by name, key and end, in a certificate that vouches for these names (for every name when
 * undefined). What it signs is believed by whoever has either certificate, as far as that one vouches for its
 * names.
 */
export function withPermittedNames(
  world: Pick<World, 'clock' | 'random'>,
  { certificate, key }: TlsIdentity,
  permittedNames: readonly string[] | undefined,
): TlsIdentity {
  const there = derOf(certificate);
  const privateKey = createPrivateKey(key);
  return selfSigned(world, { name: subjectOf(there), privateKey, until: validUntil(there), permittedNames });
}

interface SelfSigned {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly until: number;
  readonly permittedNames: readonly string[] | undefined;
}

function selfSigned(
  world: Pick<World, 'clock' | 'random'>,
  { name, privateKey, until, permittedNames }: SelfSigned,
): TlsIdentity {
  const publicKey = createPublicKey(privateKey);
  return signed(world, {
    subject: name,
    publicKey,
    until,
    issuer: { name, key: privateKey, keyId: keyId(publicKey) },
    privateKey,
    extensions: [
      extension(oids.basicConstraints, true, sequence(TRUE, unsignedInteger(Buffer.from([0])))),
      extension(oids.keyUsage, true, der(tags.bitString, SIGNS_CERTIFICATES)),
      ...(permittedNames ? [extension(oids.nameConstraints, true, nameConstraints(permittedNames))] : []),
    ],
  });
}

/** Who a new certificate is for. */
export interface NewLeaf {
  readonly commonName: string;
  /** DNS names that a server is reached by. */
  readonly dnsNames?: readonly string[];
  readonly purposes: readonly Purpose[];
}

/** Whether a CA with this key can sign here. */
export function canSign({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType !== undefined && asymmetricKeyType in SIGNATURES;
}

/**
 * A certificate of its own key, ECDSA on P-256, that the CA signs: from an hour ago to 396 days from now, or
 * to the end of the CA. The first certificate of `ca` signs; its key is of a kind that `canSign`.
 */
export function issue(world: Pick<World, 'clock' | 'random'>, ca: TlsIdentity, leaf: NewLeaf): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const { commonName, dnsNames = [], purposes } = leaf;
  const key = createPrivateKey(ca.key);
  const issuer = derOf(ca.certificate);
  return signed(world, {
    subject: distinguishedName(commonName),
    publicKey,
    until: Math.min(world.clock.now() + LEAF_DAYS * DAY_MS, validUntil(issuer)),
    issuer: { name: subjectOf(issuer), key, keyId: subjectKeyIdOf(issuer) },
    privateKey,
    extensions: [
      extension(oids.basicConstraints, true, sequence()),
      extension(oids.keyUsage, true, der(tags.bitString, DIGITAL_SIGNATURE)),
      extension(
        oids.extendedKeyUsage,
        false,
        sequence(...purposes.map((purpose) => objectIdentifier(purposeOids[purpose]))),
      ),
      ...(dnsNames.length > 0
        ? [extension(oids.subjectAltName, false, sequence(...dnsNames.map(dnsName)))]
        : []),
    ],
  });
}

const TRUE = der(tags.boolean, Buffer.from([0xff]));

interface Unsigned {
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly issuer: { readonly name: Buffer; readonly key: KeyObject; readonly keyId: Buffer | null };
  readonly extensions: readonly Buffer[];
}

/** RFC 5280, section 4.1. */
function signed(world: Pick<World, 'clock' | 'random'>, certificate: Unsigned): TlsIdentity {
  const { subject, publicKey, privateKey, until, issuer, extensions } = certificate;
  const keys = [
    extension(oids.subjectKeyId, false, der(tags.octetString, keyId(publicKey))),
    ...(issuer.keyId === null
      ? []
      : [extension(oids.authorityKeyId, false, sequence(context(0, false, issuer.keyId)))]),
  ];
  const algorithm = SIGNATURES[issuer.key.asymmetricKeyType ?? ''];
  assert(algorithm, 'the key of the CA is of a kind that signs');
  const toBeSigned = sequence(
    context(0, true, unsignedInteger(Buffer.from([2]))),
    serialNumber(world),
    algorithm,
    issuer.name,
    sequence(time(world.clock.now() - BACK_MS), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, true, sequence(...extensions, ...keys)),
  );
  const whole = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, issuer.key)));
  return {
    certificate: pemOf(whole),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Random and positive, so that nobody foresees it (CA/Browser Forum: at least 64 bits). */
function serialNumber({ random }: Pick<World, 'random'>): Buffer {
  const bytes = Buffer.from(random.bytes(SERIAL_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return unsignedInteger(bytes);
}

function distinguishedName(commonName: string): Buffer {
  const value = der(tags.utf8String, Buffer.from(commonName, 'utf8'));
  return sequence(der(tags.set, sequence(objectIdentifier(oids.commonName), value)));
}

function extension(oid: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), ...(isCritical ? [TRUE] : []), der(tags.octetString, value));
}

/** RFC 5280, section 4.2.1.10. Of IP addresses none is permitted: all of both versions are excluded. */
function nameConstraints(names: readonly string[]): Buffer {
  const permitted = names.map((name) => sequence(dnsName(name)));
  const excluded = [8, 32].map((bytes) => sequence(context(7, false, Buffer.alloc(bytes))));
  return sequence(context(0, true, Buffer.concat(permitted)), context(1, true, Buffer.concat(excluded)));
}

function dnsName(name: string): Buffer {
  return context(2, false, Buffer.from(name, 'latin1'));
}

/** The first method of RFC 5280, section 4.2.1.2, with SHA-256 cut to its length (RFC 7093). */
function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}
