import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { replaceFile } from '../../platform/replace-file.ts';
import { StoreError } from '../state/store-error.ts';
import type { KeyHeader, SecretsKey } from './secrets-key.ts';

/** Raised with every change that an older Millrace would misread. */
const FORMAT = 1;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;

interface Sealed {
  readonly format: number;
  readonly key: KeyHeader;
  readonly nonce: string;
  readonly tag: string;
  readonly sealed: string;
}

/**
 * Writes the text so that only the key's owner can read or change it; all of it at once, synced to the
 * device.
 */
export function writeSealed(path: string, text: string, { bytes, header }: SecretsKey): void {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, bytes, nonce);
  cipher.setAAD(authenticated(FORMAT, header));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const file: Sealed = {
    format: FORMAT,
    key: header,
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  };
  replaceFile(path, `${JSON.stringify(file)}\n`);
}

/** What is sealed in a file, before it is opened; null when there is no file. Throws StoreError. */
export class SealedFile {
  readonly header: KeyHeader;
  readonly #path: string;
  readonly #file: Sealed;

  private constructor(path: string, file: Sealed) {
    this.#path = path;
    this.#file = file;
    this.header = file.key;
  }

  static read(path: string): SealedFile | null {
    if (!existsSync(path)) return null;
    const file = parse(readFileSync(path, 'utf8'));
    if (!isSealed(file))
      throw new StoreError(
        'NOT_STORED',
        `${path} is not what Millrace sealed: put a copy of it back, or move it away.`,
      );
    if (file.format > FORMAT)
      throw new StoreError(
        'NOT_STORED',
        `${path} was written by a newer Millrace: update Millrace, or choose another folder with --data.`,
      );
    return new SealedFile(path, file);
  }

  /** Throws StoreError when the key is another one or a byte was changed. */
  open({ bytes }: SecretsKey): string {
    const { format, key, nonce, tag, sealed } = this.#file;
    try {
      const decipher = createDecipheriv(CIPHER, bytes, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
      decipher.setAAD(authenticated(format, key));
      decipher.setAuthTag(Buffer.from(tag, 'base64'));
      const text = Buffer.concat([decipher.update(sealed, 'base64'), decipher.final()]);
      return text.toString('utf8');
    } catch (cause) {
      throw new StoreError(
        'NOT_STORED',
        key.kind === 'passphrase'
          ? `${this.#path} cannot be opened: the passphrase is another one, or the file was changed.`
          : `${this.#path} cannot be opened: it was changed since it was sealed. Put a copy of it back.`,
        { cause },
      );
    }
  }
}

function authenticated(format: number, key: KeyHeader): Buffer {
  return Buffer.from(JSON.stringify([format, key.kind, key.kind === 'file' ? key.id : key.salt]));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['nonce', 'tag', 'sealed'].every((name) => typeof Reflect.get(value, name) === 'string');
  return (
    texts && 'format' in value && typeof value.format === 'number' && 'key' in value && isHeader(value.key)
  );
}

function isHeader(value: unknown): value is KeyHeader {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'file') return 'id' in value && typeof value.id === 'string';
  return value.kind === 'passphrase' && 'salt' in value && typeof value.salt === 'string';
}
