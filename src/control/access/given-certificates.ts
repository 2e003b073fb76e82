import { readFileSync, statSync } from 'node:fs';
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import type { Timer } from '../../base/clock.ts';
import { RefusedStart } from '../../base/refused.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import {
  type GivenIdentity,
  GivenIdentityError,
  givenAuthority,
  givenServer,
  nameMissing,
} from '../../security/certificates/given-identity.ts';
import { givenLeaf } from '../../security/certificates/given-leaf.ts';
import { certificatesIn, derOf } from '../../security/certificates/pem.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import { EngineError } from '../engine.ts';
import type { ServerCertificates } from './server-certificates.ts';

/**
 * How often the files are read again: whoever puts new ones there waits no longer for the control plane, and
 * as long for the brokers.
 */
const READ_AGAIN_MS = 5000;
const DAY_MS = 86_400_000;
const WARNING_MS = 60 * DAY_MS;
/** Bits of a mode that let everybody read. */
const EVERYBODY = 0o004;
const MOST_BYTES = 256 * 1024;

/** Files, by absolute paths, with the certificates that brokers are to show to clients. */
export interface GivenFiles {
  /**
   * `server`: a certificate that brokers show as it is. `authority`: a CA that signs certificates for them.
   */
  readonly kind: 'server' | 'authority';
  /** The certificate, then those that signed for it. */
  readonly certificate: string;
  readonly key: string;
  /** A file whose first line opens the key. */
  readonly passphrase?: string;
  /** What clients trust, where the root is not in the file of the certificate. */
  readonly root?: string;
}

/** What the files have, read and checked. */
interface Given extends GivenIdentity {
  readonly ca: string;
}

/**
 * Certificates that somebody else than Millrace vouches for. The files are read again while it runs: what is
 * wrong then is logged, and brokers go on with what they have. The key of a CA stays in its file; that of a
 * certificate is written to the private folder of each broker.
 */
export class GivenCertificates implements ServerCertificates {
  readonly renewal = null;
  readonly #world: World;
  readonly #files: GivenFiles;
  readonly #names: readonly string[];
  #given: Given;
  #warnedAt = Number.NEGATIVE_INFINITY;
  /** What was wrong with the files at the last look. */
  #wrong: string | null = null;

  private constructor(world: World, files: GivenFiles, names: readonly string[], given: Given) {
    this.#world = world;
    this.#files = files;
    this.#names = names;
    this.#given = given;
  }

  /** `names`: what clients will look for in the certificates. Rejects with RefusedStart. */
  static async read(world: World, files: GivenFiles, names: readonly string[]): Promise<GivenCertificates> {
    return new GivenCertificates(world, files, names, await load(world, files, names));
  }

  get ca(): string {
    return this.#given.ca;
  }

  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity {
    const { kind, certificate: file } = this.#files;
    const identity = identityFor(this.#world, kind, this.#given, names, there);
    const missing = nameMissing(identity.certificate, names);
    if (missing !== null) throw new EngineError('CERTIFICATE_NAME', notFor(file, missing));
    return identity;
  }

  keepUp(): void {
    const now = this.#world.clock.now();
    const leftMs = validUntil(derOf(this.#given.certificate)) - now;
    if (leftMs > WARNING_MS || now - this.#warnedAt < DAY_MS) return;
    this.#warnedAt = now;
    this.#world.log.warn(
      'A certificate that was given ends soon, or has ended: put another one into its file',
      {
        file: this.#files.certificate,
        days: Math.floor(leftMs / DAY_MS),
      },
    );
  }

  watch(changed: () => void): () => void {
    let stopped = false;
    let timer: Timer;
    const later = (): void => {
      timer = this.#world.clock.after(READ_AGAIN_MS, () => {
        this.#readAgain(changed).finally(() => {
          if (!stopped) later();
        });
      });
    };
    later();
    return () => {
      stopped = true;
      timer.cancel();
    };
  }

  async #readAgain(changed: () => void): Promise<void> {
    const { log } = this.#world;
    try {
      const given = await load(this.#world, this.#files, this.#names);
      this.#wrong = null;
      if (
        given.certificate === this.#given.certificate &&
        given.key === this.#given.key &&
        given.ca === this.#given.ca
      )
        return;
      this.#given = given;
      log.info('Brokers get the certificates of new files', { file: this.#files.certificate });
      changed();
    } catch (error) {
      if (!(error instanceof RefusedStart)) throw error;
      // Files that are being exchanged are read again when they belong together.
      if (this.#wrong === error.message) return;
      this.#wrong = error.message;
      log.error('New files of certificates cannot be used, and brokers go on with what they have', { error });
    }
  }
}

async function load(world: World, files: GivenFiles, names: readonly string[]): Promise<Given> {
  const { kind, certificate: file } = files;
  const pem = {
    certificates: textOf(file),
    key: secretOf(files.key),
    passphrase: files.passphrase === undefined ? undefined : secretOf(files.passphrase).split(/\r?\n/)[0],
  };
  const now = world.clock.now();
  const identity = usable(files, () =>
    kind === 'server' ? givenServer(pem, now) : givenAuthority(pem, now),
  );
  const ca = files.root === undefined ? identity.root : certificatesIn(textOf(files.root)).join('');
  if (ca === null)
    throw new RefusedStart(
      'CERTIFICATES',
      `${file} has no root: put the certificate of the CA that clients trust at its end, or name its file with --tls-root.`,
    );
  if (ca === '') throw new RefusedStart('CERTIFICATES', `${files.root} has no certificate in PEM form.`);
  const given = { ...identity, ca };
  for (const name of names) {
    const shown = identityFor(world, kind, given, [name], null);
    if (nameMissing(shown.certificate, [name]) !== null)
      throw new RefusedStart('CERTIFICATES', notFor(file, name));
    const refusal = await refusalOf(shown, ca, name);
    if (refusal !== null)
      throw new RefusedStart(
        'CERTIFICATES',
        `Clients that look for ${name} would refuse what ${file} vouches for: ${refusal}.`,
      );
  }
  return given;
}

function usable(files: GivenFiles, read: () => GivenIdentity): GivenIdentity {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GivenIdentityError)) throw cause;
    throw new RefusedStart(
      'CERTIFICATES',
      `${files.certificate} and ${files.key} cannot be used: ${cause.message}.`,
      {
        cause,
      },
    );
  }
}

function identityFor(
  world: World,
  kind: GivenFiles['kind'],
  { certificate, key }: GivenIdentity,
  names: readonly string[],
  there: TlsIdentity | null,
): TlsIdentity {
  if (kind === 'server')
    return there?.certificate === certificate && there.key === key ? there : { certificate, key };
  return givenLeaf(world, { certificate, key }, names, there);
}

/** Why a client that trusts these roots would not believe a server of this name; null when it would. */
function refusalOf({ certificate, key }: TlsIdentity, ca: string, name: string): Promise<string | null> {
  const [near, far] = duplexPair();
  return new Promise<string | null>((resolve) => {
    const secureContext = createSecureContext({ cert: certificate, key });
    const server = new TLSSocket(far, { isServer: true, secureContext });
    server.on('error', (error) => resolve(error.message));
    const client = connect({ socket: near, ca, servername: name }, () => resolve(null));
    client.on('error', (error) => resolve(error.message));
  }).finally(() => {
    near.destroy();
    far.destroy();
  });
}

function notFor(file: string, name: string): string {
  return `The certificate in ${file} is not for ${name}, which clients are told (see --advertise): it lacks that DNS name.`;
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > MOST_BYTES)
      throw new RefusedStart('CERTIFICATES', `${path} is larger than certificates and keys are.`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new RefusedStart('CERTIFICATES', `${path} cannot be read (${String(cause.code)}).`, { cause });
  }
}

/** Of a file that not everybody may read. Links are followed: tools that renew certificates make them. */
function secretOf(path: string): string {
  const text = textOf(path);
  if ((statSync(path).mode & EVERYBODY) !== 0)
    throw new RefusedStart(
      'CERTIFICATES',
      `Every user of this machine can read ${path}: take that from them with "chmod o= ${path}".`,
    );
  return text;
}
