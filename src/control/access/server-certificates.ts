import type { TlsIdentity } from '../../base/tls.ts';

/** What an engine gets the certificates of its brokers from. */
export interface Certificates {
  /**
   * A certificate for a server of these names, at least one: the one that is there, when it is good for some
   * months more, or a new one. Throws when there is none for these names.
   */
  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity;
}

/** The certificates of all brokers for clients, and the CA that vouches for them. */
export interface ServerCertificates extends Certificates {
  /**
   * PEM of the certificates that clients trust: of the CA that signs, then of those before and after it.
   * Throws StoreError.
   */
  readonly ca: string;
  /** How the CA is replaced; null for one that was given. */
  readonly renewal: CaRenewal | null;
  /** Does by itself, long before the CA ends, what people can do earlier. Throws StoreError. */
  keepUp(): void;
  /** Tells from now on when brokers should get certificates again; the result ends that. */
  watch(changed: () => void): () => void;
}

export interface CaRenewal {
  /**
   * Makes the CA that takes the place of this one; it signs nothing yet. False when there is one already.
   * Throws StoreError.
   */
  prepareNext(): boolean;
  /** From now on the next CA signs. False when there is none. Throws StoreError. */
  useNext(): boolean;
}
