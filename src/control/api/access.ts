import { type ApiError, badRequest } from '../aws/api-error.ts';
import { CalledNames, calledHost, type HostedRequest, NO_HOST } from '../called-names.ts';

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
  refusal(
    request: HostedRequest,
    {
      origin,
      localAddress,
    }: { readonly origin: string | undefined; readonly localAddress: string | undefined },
  ): ApiError | null {
    const host = calledHost(request);
    if (!host) return badRequest(NO_HOST);
    if (!this.#names.include(host.hostname, localAddress))
      return forbidden(
        `The Host header names ${host.hostname}, which this API is not called: "millrace up --api-name ${host.hostname}" allows it.`,
      );
    if (origin === undefined || parse(origin)?.host === host.host) return null;
    return forbidden(`Pages of ${origin} may not call this API: only pages it serves itself.`);
  }
}

/** The name or address that a request is for, without its port; null where it does not say. */
export function namedHost(request: HostedRequest): string | null {
  return calledHost(request)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? null;
}

function forbidden(message: string): ApiError {
  return { error: 'ForbiddenException', message };
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
