import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TlsIdentity } from '../../base/tls.ts';
import type { Certificates } from '../../control/certificates.ts';

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----\n?/g;

/**
 * Sees that the file of a broker's TLS listeners has a certificate for this name, with its key; one that ends soon is exchanged. A broker
 * that runs takes it by itself.
 */
export function writeListenerIdentity(file: string, name: string, certificates: Certificates): void {
  const there = existsSync(file) ? parse(readFileSync(file, 'utf8')) : null;
  const wanted = certificates.identity(name, there);
  if (wanted === there) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${wanted.certificate}${wanted.key}`, { flush: true, mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The certificate and the key in one PEM text; null when one of them is missing. */
function parse(text: string): TlsIdentity | null {
  const blocks = [...text.matchAll(BLOCK)];
  const certificate = blocks.find(([, kind]) => kind === 'CERTIFICATE')?.[0];
  const key = blocks.find(([, kind]) => kind?.endsWith('PRIVATE KEY'))?.[0];
  return certificate !== undefined && key !== undefined ? { certificate, key } : null;
}
