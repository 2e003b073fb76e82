import type { Connection } from '../base/network.ts';
import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import type { ListenerTls, ServerListenerOptions } from './listener-options.ts';
import type { Origin } from './origin.ts';
import type { SaslSession } from './sasl/sasl-session.ts';

/** Principal of a connection that has not authenticated. */
const ANONYMOUS = 'User:ANONYMOUS';

/**
 * Where a connection comes from, and who is at its other end: asked anew with each request, because clients
 * sign in when they are connected, and shake hands only then.
 */
export function connectionOrigin(
  listener: ServerListenerOptions,
  connection: Connection,
  known: {
    readonly clientHost: string;
    /** Null where clients do not sign in. */
    readonly sasl: SaslSession | null;
    readonly connectionId: string;
    readonly connectionNumber: number;
  },
): Origin {
  const { sasl, clientHost, connectionId, connectionNumber } = known;
  const { tls, purpose } = listener;
  const certified = tls ? whoIsCertified(connection, tls, sasl !== null) : null;
  return {
    get principal() {
      // The listener makes a connection that of a node. A node has no principal, so that no user can have the
      // same one.
      if (purpose !== 'client') return ANONYMOUS;
      return sasl?.principal ?? certified?.().principal ?? ANONYMOUS;
    },
    get iam() {
      return sasl?.iam ?? null;
    },
    get peer() {
      return certified?.().peer ?? null;
    },
    get refusal() {
      return certified?.().refusal ?? null;
    },
    sasl,
    clientHost,
    isPeer: purpose !== 'client',
    listener: purpose,
    listenerName: listener.name,
    connectionId,
    connectionNumber,
  };
}

/**
 * Who the certificate of a connection names; nobody when none was shown, and a refusal when one names nobody.
 */
interface Certified {
  readonly principal: string | null;
  readonly peer: PeerIdentity | null;
  readonly refusal: string | null;
}

const NOT_CERTIFIED: Certified = { principal: null, peer: null, refusal: null };

/**
 * The certificate is read once, after the handshake. Where clients sign in by SASL, it gives them no name.
 */
function whoIsCertified(connection: Connection, tls: ListenerTls, signsIn: boolean): () => Certified {
  let known: Certified | undefined;
  return () => {
    known ??= connection.peerCertificate
      ? certified(connection.peerCertificate, tls, signsIn)
      : NOT_CERTIFIED;
    return known;
  };
}

function certified(certificate: Uint8Array, tls: ListenerTls, signsIn: boolean): Certified {
  if (tls.peer) {
    const peer = tls.peer(certificate);
    return { principal: null, peer, refusal: peer ? null : 'its certificate is of no node of this cluster' };
  }
  const principal = signsIn ? null : (tls.principal?.(certificate) ?? null);
  const isNobody = !signsIn && principal === null;
  return {
    principal,
    peer: null,
    refusal: isNobody ? 'no principal can be made of the name in its certificate' : null,
  };
}
