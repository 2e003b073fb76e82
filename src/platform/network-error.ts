import { NetworkError, type NetworkErrorCode } from '../base/network.ts';

const CODES: { readonly [code: string]: NetworkErrorCode } = {
  EADDRINUSE: 'EADDRINUSE',
  EADDRNOTAVAIL: 'EADDRNOTAVAIL',
  EACCES: 'EACCES',
  EPERM: 'EACCES',
  ECONNREFUSED: 'ECONNREFUSED',
  ECONNRESET: 'ECONNRESET',
  ECONNABORTED: 'ECONNRESET',
  EPIPE: 'ECONNRESET',
  ETIMEDOUT: 'ETIMEDOUT',
  EHOSTUNREACH: 'ETIMEDOUT',
  ENETUNREACH: 'ETIMEDOUT',
  ENOTFOUND: 'ENOTFOUND',
  EAI_AGAIN: 'ENOTFOUND',
};

export function networkError(action: string, cause: Error): NetworkError {
  const code = 'code' in cause ? String(cause.code) : '';
  return new NetworkError(CODES[code] ?? 'EOTHER', `${action}: ${cause.message || code}`, { cause });
}

/** Of a handshake: what is no failure of the connection itself is one of TLS. */
export function tlsError(action: string, cause: Error): NetworkError {
  const error = networkError(action, cause);
  return error.code === 'EOTHER' ? new NetworkError('ETLS', error.message, { cause }) : error;
}
