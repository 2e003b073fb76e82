import { PEER_MECHANISM, type PeerAccess, type PeerSecret } from '../../security/peers/peer-secret.ts';
import type { SaslOptions } from './sasl-session.ts';

/** Far more than a node says before it has signed in. */
const REQUEST_BYTES_MAX = 64 * 1024;
const FAILURE_DELAY_MS = 100;

/** How the nodes of a cluster sign in to each other: by the secret that they share. */
export function peerSasl(secret: PeerSecret, access: PeerAccess = 'nodes'): SaslOptions {
  return {
    isOptional: access === 'everybody',
    mechanisms: [PEER_MECHANISM.name],
    credential: (_, user) => secret.credential(user),
    secret: () => Buffer.from('nobody else'),
    requestBytesMax: REQUEST_BYTES_MAX,
    maxReauthMs: 0,
    failureDelayMs: FAILURE_DELAY_MS,
  };
}
