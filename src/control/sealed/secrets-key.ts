import { createHmac, randomBytes, scryptSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../platform/replace-file.ts';
import { StoreError } from '../state/store-error.ts';
import { readPrivateFile } from './private-file.ts';

/** What seals the secrets. */
export interface SecretsKey {
  /** 32 bytes. */
  readonly bytes: Buffer;
  /**
   * What is written beside the sealed bytes, for the next start to find the same key; it tells nothing of the
   * key.
   */
  readonly header: KeyHeader;
}

export type KeyHeader =
  | { readonly kind: 'file'; readonly id: string }
  | { readonly kind: 'passphrase'; readonly salt: string };

/** Where the key comes from, when it is not the key file of the data folder. */
export type KeySource =
  /** A file with 32 bytes in base64, which this user alone can read. */
  | { readonly kind: 'file'; readonly path: string }
  /** The same, given by systemd in a folder that it guards. */
  | { readonly kind: 'credential'; readonly path: string }
  /** A file with a passphrase in its first line. */
  | { readonly kind: 'passphrase'; readonly path: string };

const KEY_FILE = 'secrets.key';

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** 128 * N * r = 32 MiB and about a tenth of a second for each guess. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 };
/** Shorter ones are found by trying. */
const SHORTEST_PASSPHRASE = 12;

/**
 * The key for a data folder. `sealedBy`: the header of what is sealed there already, null when nothing is.
 * Without a source the key file in the folder is used, and made when nothing is sealed yet. Throws StoreError
 * with a sentence that says what to do.
 */
export function secretsKey(
  folder: string,
  source: KeySource | undefined,
  sealedBy: KeyHeader | null,
): SecretsKey {
  const key =
    source?.kind === 'passphrase' ? fromPassphrase(source.path, sealedBy) : fromFile(folder, source);
  if (sealedBy === null || sameKey(key.header, sealedBy)) return key;
  throw new StoreError(
    'NOT_STORED',
    sealedBy.kind === 'passphrase'
      ? `The secrets in ${folder} are sealed with a passphrase: name the file that has it with --secrets-passphrase.`
      : `The secrets in ${folder} are sealed with another key than the one in ${source?.path ?? join(folder, KEY_FILE)}: put the right one there, or name it with --secrets-key.`,
  );

  function fromFile(home: string, from: KeySource | undefined): SecretsKey {
    const path = from?.path ?? join(home, KEY_FILE);
    if (from === undefined && !existsSync(path)) {
      if (sealedBy !== null)
        throw new StoreError(
          'NOT_STORED',
          sealedBy.kind === 'file'
            ? `The key ${path} is missing, and the secrets in ${home} cannot be read without it: put a copy of it back, or name it with --secrets-key. Moving secrets.sealed away begins without any secret.`
            : `The secrets in ${home} are sealed with a passphrase: name the file that has it with --secrets-passphrase.`,
        );
      replaceFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    }
    const text = readPrivateFile(path, { guarded: from?.kind === 'credential' }).trim();
    const bytes = /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : null;
    if (bytes?.length !== KEY_BYTES)
      throw new StoreError(
        'NOT_STORED',
        `${path} is no key: it must hold 32 bytes in base64, as "openssl rand -base64 32" prints them.`,
      );
    return { bytes, header: { kind: 'file', id: keyId(bytes) } };
  }
}

function fromPassphrase(path: string, sealedBy: KeyHeader | null): SecretsKey {
  const [passphrase = ''] = readPrivateFile(path, { guarded: false }).split('\n');
  if (passphrase.length < SHORTEST_PASSPHRASE)
    throw new StoreError(
      'NOT_STORED',
      `The passphrase in ${path} is too short: its first line must have ${SHORTEST_PASSPHRASE} characters at least.`,
    );
  const salt =
    sealedBy?.kind === 'passphrase' ? Buffer.from(sealedBy.salt, 'base64') : randomBytes(SALT_BYTES);
  return {
    bytes: scryptSync(passphrase, salt, KEY_BYTES, SCRYPT),
    header: { kind: 'passphrase', salt: salt.toString('base64') },
  };
}

function sameKey(one: KeyHeader, other: KeyHeader): boolean {
  if (one.kind === 'file') return other.kind === 'file' && one.id === other.id;
  return other.kind === 'passphrase' && one.salt === other.salt;
}

/** Tells two keys from each other, and nothing about either. */
function keyId(key: Buffer): string {
  return createHmac('sha256', key).update('millrace: the id of a key').digest('hex').slice(0, 16);
}
