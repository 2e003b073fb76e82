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

/** The URL of what a Host header names; null where it names nothing. */
export function urlOfHost(header: string | undefined): URL | null {
  const url = `http://${header ?? ''}`;
  return header !== undefined && URL.canParse(url) ? new URL(url) : null;
}

/** As a URL's `hostname` spells it: lower case, IPv6 in brackets and without the prefix of a mapped IPv4. */
function inHostHeader(name: string): string {
  const plain = name.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') && !plain.startsWith('[') ? `[${plain}]` : plain;
}
