import type { ClientAuth, TlsIdentity } from '../base/tls.ts';
import { fields, OptionError, shown, text } from './option-values.ts';
import type { TlsOptions } from './options.ts';

const MEMBERS: readonly (keyof TlsOptions)[] = [
  'ca',
  'certificate',
  'clientAuth',
  'clientCa',
  'key',
  'principalMappingRules',
];
const CLIENT_AUTH: readonly ClientAuth[] = ['none', 'optional', 'required'];

/** How a listener encrypts. */
export interface ListenerTls {
  readonly clientAuth: ClientAuth;
  /** Roots of client certificates as PEM text; null for the cluster's own. */
  readonly clientCa: string | null;
  /** As ssl.principal.mapping.rules; null for those of the broker. */
  readonly principalMappingRules: string | null;
  /** Null for a certificate of the cluster's own CA. */
  readonly own: { readonly identity: TlsIdentity; readonly ca: string } | null;
}

/** Null where nothing is encrypted. */
export function readTls(given: unknown, at: string): ListenerTls | null {
  if (given === undefined || given === false) return null;
  if (given !== true && (typeof given !== 'object' || given === null))
    throw new OptionError(`${at} must be true, false or an object, not ${shown(given)}.`);
  const options = given === true ? {} : fields(given, at, MEMBERS);
  const clientAuth =
    options.clientAuth === undefined ? 'none' : CLIENT_AUTH.find((one) => one === options.clientAuth);
  if (clientAuth === undefined)
    throw new OptionError(
      `${at}.clientAuth must be one of ${CLIENT_AUTH.join(', ')}, not ${shown(options.clientAuth)}.`,
    );
  const clientCa = pem(options.clientCa, `${at}.clientCa`, 'CERTIFICATE') ?? null;
  if (clientCa !== null && clientAuth === 'none')
    throw new OptionError(`${at}.clientCa has no effect without ${at}.clientAuth.`);
  const principalMappingRules = text(options.principalMappingRules, `${at}.principalMappingRules`) ?? null;
  if (principalMappingRules !== null && clientAuth === 'none')
    throw new OptionError(`${at}.principalMappingRules has no effect without ${at}.clientAuth.`);
  return { clientAuth, clientCa, principalMappingRules, own: readOwn(options, at) };
}

function readOwn(options: { readonly [name in keyof TlsOptions]?: unknown }, at: string): ListenerTls['own'] {
  const certificate = pem(options.certificate, `${at}.certificate`, 'CERTIFICATE');
  const key = pem(options.key, `${at}.key`, 'PRIVATE KEY');
  const ca = pem(options.ca, `${at}.ca`, 'CERTIFICATE');
  if (certificate === undefined && key === undefined && ca === undefined) return null;
  if (certificate === undefined || key === undefined || ca === undefined)
    throw new OptionError(
      `${at}.certificate, ${at}.key and ${at}.ca belong together: one of them is missing.`,
    );
  return { identity: { certificate, key }, ca };
}

/** What is wrong is never shown: it may be a key. */
function pem(given: unknown, at: string, label: string): string | undefined {
  if (given !== undefined && typeof given !== 'string')
    throw new OptionError(`${at} must be PEM text: a string.`);
  const value = text(given, at);
  if (value !== undefined && !new RegExp(`-----BEGIN ([A-Z]+ )?${label}-----`).test(value))
    throw new OptionError(`${at} must be PEM text with "-----BEGIN ${label}-----".`);
  return value;
}
