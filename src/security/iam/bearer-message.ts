import { PARAMETERS, type Parameter, type PresignedRequest, presignedRequest } from './presigned-request.ts';

/** RFC 7628, section 3.1, without an authorization id: the principal follows from the token alone. */
const SEPARATOR = '\u0001';
const BEGINNING = `n,,${SEPARATOR}`;
const END = `${SEPARATOR}${SEPARATOR}`;
const PAIR = /^[A-Za-z]+=[\t\n\r -~]*$/;
const BEARER = /^Bearer +([A-Za-z0-9_-]+)={0,2}$/i;
const URL = /^https:\/\/([A-Za-z0-9.-]{1,255})\/?\?([!-~]+)$/;

/**
 * The request in the first message of a client that signs in by OAUTHBEARER with a token of AWS's: the URL of
 * the request, in base64url. A sentence for the log where there is none. Extensions beside the token mean
 * nothing.
 */
export function bearerRequest(message: Buffer): PresignedRequest | string {
  const text = message.toString('latin1');
  const pairs = text.slice(BEGINNING.length, -END.length).split(SEPARATOR);
  if (!text.startsWith(BEGINNING) || !text.endsWith(END) || !pairs.every((pair) => PAIR.test(pair)))
    return 'the message is none of OAUTHBEARER without an authorization id (RFC 7628)';
  const auth = pairs.flatMap((pair) => (pair.startsWith('auth=') ? [pair.slice('auth='.length)] : []));
  const token = BEARER.exec(auth[0] ?? '')?.[1];
  if (auth.length !== 1 || token === undefined) return 'the message has not one bearer token in base64url';
  const [, host = '', query = ''] = URL.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (host === '') return 'the bearer token is no URL of a signed request';
  const parameters = new Map<Parameter, string>();
  const seen = new Set<string>();
  for (const one of query.split('&')) {
    const at = one.indexOf('=');
    const [name, value] = [one.slice(0, Math.max(at, 0)), one.slice(at + 1)].map(decoded);
    if (name === undefined || name === null || value === undefined || value === null || at < 0)
      return 'the bearer token has a parameter that is not of the form name=value';
    if (seen.has(name)) return 'the bearer token has a parameter twice';
    seen.add(name);
    const parameter = PARAMETERS.find((known) => known === name);
    if (parameter !== undefined) parameters.set(parameter, value);
    // AWS's signers put it there when they have signed.
    else if (name !== 'User-Agent') return 'the bearer token has a parameter that is not known';
  }
  return presignedRequest(host.toLowerCase(), parameters);
}

/** Null for a `%` that encodes nothing. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
