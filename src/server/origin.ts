import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import type { Caller } from './authorizer.ts';
import type { ListenerPurpose } from './handler.ts';
import type { SaslSession } from './sasl/sasl-session.ts';

/** Where a request comes from; one per connection. */
export interface Origin extends Caller {
  readonly listener: ListenerPurpose;
  readonly listenerName: string;
  readonly connectionId: string;
  /** Counts up in the order in which the server's connections came. */
  readonly connectionNumber: number;
  /** Of a listener where clients sign in; null on others. */
  readonly sasl: SaslSession | null;
  /** Which peer of the cluster this is, by the certificate that it showed; by default that is not known. */
  readonly peer?: PeerIdentity | null;
  /** Why the connection ends with its first request; by default it does not. */
  readonly refusal?: string | null;
}
