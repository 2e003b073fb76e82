import type { ClientAuth } from '../base/tls.ts';
import type { GivenPem } from '../security/certificates/given-identity.ts';
import { fields, shown, text } from './option-values.ts';
import type { CertificateOptions, TlsOptions } from './options.ts';

const MEMBERS: readonly (keyof TlsOptions)[] = [
  'ca',
  'caKey',
  'certificate',
  'clientAuth',
  'clientCa',
  'key',
  'passphrase',
  'principalMappingRules',
];
/** Of these, what may change while a listener is open. */
const CERTIFICATES: readonly (keyof CertificateOptions)[] = [
  'ca',
  'caKey',
  'certificate',
  'clientCa',
  'key',
  'passphrase',
];
const CLIENT_AUTH: readonly ClientAuth[] = ['none', 'optional', 'required'];

/** How a listener encrypts. */
export interface ListenerTlsSettings {
  readonly clientAuth: ClientAuth;
  /** Roots of client certificates as PEM text; null for the cluster's own. */
  readonly clientCa: string | null;
  /** As ssl.principal.mapping.rules; null for those of the broker. */
  readonly principalMappingRules: string | null;
  /** Null for a certificate of the cluster's own CA. */
  readonly own: OwnPem | null;
}

/**
 * PEM texts that were given. `server`: a certificate that brokers show as it is, and the CA that clients
 * trust. `authority`: a CA that signs for brokers.
 */
type OwnPem =
  | { readonly kind: 'server'; readonly given: GivenPem; readonly ca: string }
  | { readonly kind: 'authority'; readonly given: GivenPem };

/** Null where nothing is encrypted. */
export function readTls(given: unknown, at: string): ListenerTlsSettings | null {
  if (given === undefined || given === false) return null;
  if (given !== true && (typeof given !== 'object' || given === null))
    throw new TypeError(`${at} must be true, false or an object, not ${shown(given)}.`);
  const options = given === true ? {} : fields(given, at, MEMBERS);
  const clientAuth =
    options.clientAuth === undefined ? 'none' : CLIENT_AUTH.find((one) => one === options.clientAuth);
  if (clientAuth === undefined)
    throw new TypeError(
      `${at}.clientAuth must be one of ${CLIENT_AUTH.join(', ')}, not ${shown(options.clientAuth)}.`,
    );
  const clientCa = pem(options.clientCa, `${at}.clientCa`, 'CERTIFICATE') ?? null;
  if (clientCa !== null && clientAuth === 'none')
    throw new TypeError(`${at}.clientCa has no effect without ${at}.clientAuth.`);
  const principalMappingRules = text(options.principalMappingRules, `${at}.principalMappingRules`) ?? null;
  if (principalMappingRules !== null && clientAuth === 'none')
    throw new TypeError(`${at}.principalMappingRules has no effect without ${at}.clientAuth.`);
  return { clientAuth, clientCa, principalMappingRules, own: readOwn(options, at) };
}

/**
 * A listener that encrypts in the `current` way, after a change of what it shows or believes. Throws
 * TypeError.
 */
export function readCertificates(
  given: unknown,
  current: ListenerTlsSettings,
  at: string,
): ListenerTlsSettings {
  const options = fields(given, at, CERTIFICATES);
  const own = readOwn(options, at);
  const clientCa = pem(options.clientCa, `${at}.clientCa`, 'CERTIFICATE');
  if (clientCa !== undefined && current.clientAuth === 'none')
    throw new TypeError(`${at}.clientCa has no effect: the listener asks for no certificates of clients.`);
  if (own === null && clientCa === undefined)
    throw new TypeError(
      `${at} says nothing that changes: certificate, key and ca, or ca and caKey, or clientCa.`,
    );
  return { ...current, own: own ?? current.own, clientCa: clientCa ?? current.clientCa };
}

function readOwn(options: { readonly [name in keyof TlsOptions]?: unknown }, at: string): OwnPem | null {
  const certificate = pem(options.certificate, `${at}.certificate`, 'CERTIFICATE');
  const key = pem(options.key, `${at}.key`, 'PRIVATE KEY');
  const ca = pem(options.ca, `${at}.ca`, 'CERTIFICATE');
  const caKey = pem(options.caKey, `${at}.caKey`, 'PRIVATE KEY');
  if (
    options.passphrase !== undefined &&
    (typeof options.passphrase !== 'string' || options.passphrase === '')
  )
    throw new TypeError(`${at}.passphrase must be a string that is not empty.`);
  const { passphrase } = options;
  if (passphrase !== undefined && key === undefined && caKey === undefined)
    throw new TypeError(`${at}.passphrase has no effect without ${at}.key or ${at}.caKey.`);
  if (caKey !== undefined) {
    if (ca === undefined || certificate !== undefined || key !== undefined)
      throw new TypeError(
        `${at}.caKey belongs to ${at}.ca, which then signs for the brokers: ${at}.certificate and ${at}.key cannot be beside it.`,
      );
    return { kind: 'authority', given: { certificates: ca, key: caKey, passphrase } };
  }
  if (certificate === undefined && key === undefined && ca === undefined) return null;
  if (certificate === undefined || key === undefined || ca === undefined)
    throw new TypeError(`${at}.certificate, ${at}.key and ${at}.ca belong together: one of them is missing.`);
  return { kind: 'server', given: { certificates: certificate, key, passphrase }, ca };
}

/** What is wrong is never shown: it may be a key. */
function pem(given: unknown, at: string, label: string): string | undefined {
  if (given !== undefined && typeof given !== 'string')
    throw new TypeError(`${at} must be PEM text: a string.`);
  const value = text(given, at);
  if (value !== undefined && !new RegExp(`-----BEGIN ([A-Z]+ )?${label}-----`).test(value))
    throw new TypeError(`${at} must be PEM text with "-----BEGIN ${label}-----".`);
  return value;
}
