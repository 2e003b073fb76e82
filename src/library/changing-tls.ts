import type { ClientAuth, ServerTls, ServerTlsSource } from '../base/tls.ts';

/** TLS settings of a listener that others change while it listens. */
export class ChangingTls implements ServerTlsSource {
  readonly clientAuth: ClientAuth;
  #current: ServerTls;
  readonly #listeners = new Set<() => void>();

  constructor(clientAuth: ClientAuth, current: ServerTls) {
    this.clientAuth = clientAuth;
    this.#current = current;
  }

  current(): ServerTls {
    return this.#current;
  }

  become(next: ServerTls): void {
    this.#current = next;
    for (const changed of this.#listeners) changed();
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }
}
