import { LOCALHOST_NAMES } from './loopback.ts';

/**
 * What a server on this machine is called. A web page can point a name of its own at this machine and then
 * read what is answered (DNS rebinding): that name is in the Host header, and not among these.
 */
export class CalledNames {
  readonly #names: ReadonlySet<string>;

  /** `names`: beyond those of every machine for itself. */
  constructor(names: readonly string[]) {
    this.#names = new Set([...LOCALHOST_NAMES, ...names].map(inHostHeader));
  }

  /**
   * `hostname`: as a URL has it. `localAddress`: where the request arrived; one that names it by number did
   * not come through a name.
   */
  include(hostname: string, localAddress: string | undefined): boolean {
    return this.#names.has(hostname) || hostname === inHostHeader(localAddress ?? '');
  }
}

/** What is said to a request without a host. */
export const NO_HOST = 'The Host header is missing or not a host, or there are several.';

/** A request as HTTP has it, or as much as says which host it is for. */
export interface HostedRequest {
  /** The request target: mostly a path, but it may be a whole URL. */
  readonly url?: string | undefined;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
}

/**
 * The host and port that a request is for (RFC 9112, 3.2): of its target where that is a whole URL, and of
 * its Host header otherwise. Null where it has no Host, more than one, or one that is not a host: two readers
 * could take it for two hosts.
 */
export function calledHost({ url = '', rawHeaders }: HostedRequest): URL | null {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host');
  const [host] = hosts;
  const named = hosts.length === 1 && host !== undefined ? urlOfHost(host) : null;
  if (named === null || url.startsWith('/') || url === '*') return named;
  const [, authority = ''] = WHOLE_URL.exec(url) ?? [];
  return urlOfHost(authority);
}

/** Path and query of a request target. */
export function targetPath(url: string): string {
  const path = url.replace(WHOLE_URL, '');
  return path.startsWith('/') ? path : `/${path}`;
}

const WHOLE_URL = /^https?:\/\/([^/?#]*)/i;

/** A name or an address, IPv6 in brackets, and perhaps a port: nothing that a URL may have besides. */
const HOST_AND_PORT = /^(\[[\da-f:.]+\]|[^\s:/\\?#@[\]]+)(:\d*)?$/i;

function urlOfHost(host: string): URL | null {
  const url = `http://${host}`;
  return HOST_AND_PORT.test(host) && URL.canParse(url) ? new URL(url) : null;
}

/** As a URL's `hostname` spells it: lower case, IPv6 in brackets and without the prefix of a mapped IPv4. */
function inHostHeader(name: string): string {
  const plain = name.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') && !plain.startsWith('[') ? `[${plain}]` : plain;
}
