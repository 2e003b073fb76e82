import { X509Certificate } from 'node:crypto';
import { purposeOids } from '../certificates/certificate.ts';

/** Who of a cluster speaks: one of its nodes, by the id of the broker or controller, or its control plane. */
export type PeerIdentity =
  | { readonly kind: 'node'; readonly id: number }
  | { readonly kind: 'control plane' };

const CONTROL_PLANE: PeerIdentity = { kind: 'control plane' };

/** The one name in the certificate of a peer. `domain` is the cluster's; nobody resolves these names. */
export function peerName(domain: string, peer: PeerIdentity): string {
  return `${peer.kind === 'node' ? `node-${peer.id}` : 'control-plane'}.${domain}`;
}

/**
 * Whose certificate (DER) this is, which is known to be valid and signed by the CA of the cluster's nodes;
 * null when it is of no node of this cluster, or not for connecting with.
 */
export function peerOf(certificate: Uint8Array, domain: string): PeerIdentity | null {
  const { subjectAltName, keyUsage } = new X509Certificate(certificate);
  // Node calls the extended key usage so. OpenSSL takes a certificate without one for anything.
  const usage: readonly string[] | undefined = keyUsage;
  if (!usage?.includes(purposeOids.client)) return null;
  const name = /^DNS:([^,]+)$/.exec(subjectAltName ?? '')?.[1];
  if (name === peerName(domain, CONTROL_PLANE)) return CONTROL_PLANE;
  const id = Number(/^node-(0|[1-9]\d{0,9})\./.exec(name ?? '')?.[1]);
  const node: PeerIdentity = { kind: 'node', id };
  return name === peerName(domain, node) ? node : null;
}
