import { type ApiError, badRequest } from '../aws/api-error.ts';
import { LOCALHOST_NAMES } from '../loopback.ts';

/**
 * A web page must not reach a local API: by a name that it points at this machine (the Host header has that name), or across
 * origins (the Origin header has the page's).
 */
export class Access {
  readonly #names: ReadonlySet<string>;

  /** `names`: what this API is called beyond the loopback names. */
  constructor(names: readonly string[]) {
    this.#names = new Set([...LOCALHOST_NAMES, ...names].map(inHostHeader));
  }

  /** `localAddress` is the address the request arrived at; a request that names it by number did not come through a name. */
  refusal(headers: {
    readonly host: string | undefined;
    readonly origin: string | undefined;
    readonly localAddress: string | undefined;
  }): ApiError | null {
    const host = parse(`http://${headers.host ?? ''}`);
    if (!host || headers.host === undefined) return badRequest('The Host header is missing or not a host.');
    if (!this.#names.has(host.hostname) && host.hostname !== inHostHeader(headers.localAddress ?? ''))
      return forbidden(
        `The Host header names ${host.hostname}, which this API is not called: "millrace up --api-name ${host.hostname}" allows it.`,
      );
    if (headers.origin === undefined) return null;
    const origin = parse(headers.origin);
    return origin?.host === host.host
      ? null
      : forbidden(`Pages of ${headers.origin} may not call this API: only pages it serves itself.`);
  }
}

/** The name or address of a Host header, without its port; null where there is none. */
export function namedHost(header: string | undefined): string | null {
  return parse(`http://${header ?? ''}`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? null;
}

function forbidden(message: string): ApiError {
  return { error: 'ForbiddenException', message };
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}

/** As a URL's `hostname` spells it: lower case, IPv6 in brackets and without the prefix of a mapped IPv4. */
function inHostHeader(name: string): string {
  const plain = name.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') && !plain.startsWith('[') ? `[${plain}]` : plain;
}
