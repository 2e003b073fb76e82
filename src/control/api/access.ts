import { type ApiError, badRequest } from '../aws/api-error.ts';
import { CalledNames, urlOfHost } from '../called-names.ts';

/**
 * A web page must not reach a local API: by a name that it points at this machine (the Host header has that
 * name), or across origins (the Origin header has the page's).
 */
export class Access {
  readonly #names: CalledNames;

  /** `names`: what this API is called beyond the loopback names. */
  constructor(names: readonly string[]) {
    this.#names = new CalledNames(names);
  }

  /**
   * `localAddress` is the address the request arrived at; a request that names it by number did not come
   * through a name.
   */
  refusal(headers: {
    readonly host: string | undefined;
    readonly origin: string | undefined;
    readonly localAddress: string | undefined;
  }): ApiError | null {
    const host = urlOfHost(headers.host);
    if (!host) return badRequest('The Host header is missing or not a host.');
    if (!this.#names.include(host.hostname, headers.localAddress))
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
  return urlOfHost(header)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? null;
}

function forbidden(message: string): ApiError {
  return { error: 'ForbiddenException', message };
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
