import type { Timer } from '../base/clock.ts';
import { readWhole } from '../base/disk.ts';
import type { ClientAuth, ServerTls, ServerTlsSource } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import { certificatesIn, derOf } from '../security/certificates/pem.ts';
import { validUntil } from '../security/certificates/read-certificate.ts';
import { subjectName } from '../security/certificates/subject-name.ts';

/** How often the files are read again: whoever puts new ones there waits no longer. */
const READ_AGAIN_MS = 5000;
const DAY_MS = 86_400_000;
/** From then on it is told once a day that a certificate ends. */
const WARNING_MS = 30 * DAY_MS;

/** PEM files that a listener gets its TLS settings from; absolute paths. */
export interface TlsFiles {
  /** The certificate, then those between it and its CA. */
  readonly certificate: string;
  /** Without a password; it may be the same file. */
  readonly key: string;
  /** CAs of the certificates of clients; needed unless `clientAuth` is `none`. */
  readonly clientCas?: string;
  readonly clientAuth: ClientAuth;
}

/** Throws when a file cannot be read. */
export function tlsSource(world: World, tls: ServerTlsSource | TlsFiles): ServerTlsSource {
  return 'current' in tls ? tls : new TlsFileSource(world, tls);
}

/** TLS settings in files, which may be exchanged while a listener uses them. */
class TlsFileSource implements ServerTlsSource {
  readonly clientAuth: ClientAuth;
  readonly #world: World;
  readonly #files: TlsFiles;
  readonly #listeners = new Set<() => void>();
  #current: ServerTls;
  #timer: Timer | undefined;
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** Throws when a file cannot be read, or the certificate is none. */
  constructor(world: World, files: TlsFiles) {
    if (files.clientAuth !== 'none' && files.clientCas === undefined)
      throw new Error('A listener that takes client certificates needs the file of their CAs.');
    this.#world = world;
    this.#files = files;
    this.clientAuth = files.clientAuth;
    this.#current = this.#read();
    this.#warnOfEnd(this.#current);
  }

  current(): ServerTls {
    return this.#current;
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    this.#timer ??= this.#later();
    return () => {
      this.#listeners.delete(changed);
      if (this.#listeners.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #later(): Timer {
    return this.#world.clock.after(READ_AGAIN_MS, () => {
      this.#readAgain();
      this.#timer = this.#later();
    });
  }

  /** Files that are being written are read again when they are whole. */
  #readAgain(): void {
    let next: ServerTls;
    try {
      next = this.#read();
      this.#warnOfEnd(next);
    } catch (error) {
      this.#world.log.error('the files of a TLS listener cannot be read, and it goes on with what it has', {
        error,
      });
      return;
    }
    if (JSON.stringify(next) === JSON.stringify(this.#current)) return;
    this.#current = next;
    this.#world.log.info('a TLS listener takes new files', { certificate: this.#files.certificate });
    for (const changed of this.#listeners) changed();
  }

  #read(): ServerTls {
    const text = (path: string): string => {
      const content = readWhole(this.#world.disk, path);
      if (content === null) throw new Error(`${path} of a TLS listener is missing`);
      return content.toString('utf8');
    };
    const { certificate, key, clientCas } = this.#files;
    return {
      identity: { certificate: text(certificate), key: text(key) },
      clientCas: clientCas === undefined ? '' : text(clientCas),
    };
  }

  /** A CA that ends takes its clients along, however long their own certificates are for. */
  #warnOfEnd({ identity, clientCas }: ServerTls): void {
    const now = this.#world.clock.now();
    if (now - this.#warnedAt < DAY_MS) return;
    const ends = (certificate: Buffer): boolean => validUntil(certificate) - now <= WARNING_MS;
    const own = [derOf(identity.certificate)].filter(ends);
    const cas = certificatesIn(clientCas).map(derOf).filter(ends);
    for (const [certificates, message] of [
      [own, 'the certificate of a TLS listener ends soon, or has ended'],
      [cas, 'a CA of the clients of a TLS listener ends soon, or has ended'],
    ] as const)
      for (const certificate of certificates) {
        this.#warnedAt = now;
        this.#world.log.warn(message, {
          certificate: this.#files.certificate,
          subject: subjectName(certificate) ?? 'a name that cannot be read',
          days: Math.floor((validUntil(certificate) - now) / DAY_MS),
        });
      }
  }
}
