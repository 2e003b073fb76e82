import type { TlsIdentity } from '../../base/tls.ts';

/**
 * The CAs of a cluster's nodes, all in one file that is exchanged whole, so that no kill is between two of
 * them. A certificate that is followed by a key may sign: the first one does, the second one is to. A
 * certificate without a key signed before.
 */
export interface PeerCas {
  readonly signs: TlsIdentity;
  /** The nodes believe it already, so that it can sign soon; null while there is none. */
  readonly next: TlsIdentity | null;
  /** PEM; what it signed may still be shown for a moment. Null when that is over. */
  readonly former: string | null;
}

const CERTIFICATE_AND_KEY =
  /(-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?)\s*(-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[\s\S]+?-----END ([A-Z]+ )?PRIVATE KEY-----\n?)?/g;

/** Null when there is none that signs. */
export function parsePeerCas(text: string): PeerCas | null {
  const found = [...text.matchAll(CERTIFICATE_AND_KEY)].map(([, certificate = '', key = '']) => ({
    certificate,
    key,
  }));
  const [signs, next = null] = found.filter(({ key }) => key !== '');
  if (!signs) return null;
  return { signs, next, former: found.find(({ key }) => key === '')?.certificate ?? null };
}

/** What `parsePeerCas` reads. */
export function peerCasText({ signs, next, former }: PeerCas): string {
  return [signs.certificate, signs.key, next?.certificate, next?.key, former].join('');
}

/** PEM of all whose certificates the nodes believe. */
export function believedCas({ signs, next, former }: PeerCas): string {
  return [signs.certificate, next?.certificate, former].join('');
}
