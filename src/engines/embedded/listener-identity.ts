import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TlsIdentity } from '../../base/tls.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import { makeSyncedFolder } from '../../platform/make-folder.ts';
import { replaceFile } from '../../platform/replace-file.ts';

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----\n?/g;

/**
 * Sees that the file of TLS listeners has a certificate for these names, with its key; one that ends soon is
 * exchanged. A process that runs takes it by itself.
 */
export function writeListenerIdentity(
  file: string,
  names: readonly string[],
  certificates: Certificates,
): void {
  const there = identityIn(file);
  const wanted = certificates.identity(names, there);
  if (wanted === there) return;
  makeSyncedFolder(dirname(file));
  replaceFile(file, `${wanted.certificate}${wanted.key}`);
}

/**
 * The certificate, with those between it and its root, and the key in one PEM file; null when one of them is
 * missing.
 */
export function identityIn(file: string): TlsIdentity | null {
  const blocks = existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(BLOCK)] : [];
  const certificate = blocks.flatMap(([block, kind]) => (kind === 'CERTIFICATE' ? block : [])).join('');
  const key = blocks.find(([, kind]) => kind?.endsWith('PRIVATE KEY'))?.[0];
  return certificate !== '' && key !== undefined ? { certificate, key } : null;
}
