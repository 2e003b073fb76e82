import { existsSync, readFileSync } from 'node:fs';
import type { TlsIdentity } from '../base/tls.ts';
import { replaceFile } from '../platform/replace-file.ts';

/**
 * A CA, its key and the names that it may vouch for, in one file, so that there is never one without the
 * other.
 */
interface KeptCa extends TlsIdentity {
  readonly names: readonly string[];
}

/**
 * The CA that a file of the data folder has. A new one is made, and is on the device when this returns, when
 * there is none, or when the file was not written whole. One that does not vouch for all of the names is
 * `widened` to what it vouches for and these: it stays the same CA, so that clients go on.
 */
export function keptCa(
  path: string,
  options: {
    readonly names: readonly string[];
    readonly create: () => TlsIdentity;
    readonly widened: (ca: TlsIdentity, names: readonly string[]) => TlsIdentity;
  },
): TlsIdentity {
  const { create, widened } = options;
  const kept = parse(existsSync(path) ? readFileSync(path, 'utf8') : '');
  const names = [...new Set([...(kept?.names ?? []), ...options.names])];
  if (kept && names.length === kept.names.length) return kept;
  const made: KeptCa = { ...(kept ? widened(kept, names) : create()), names };
  replaceFile(path, JSON.stringify(made));
  return made;
}

function parse(text: string): KeptCa | null {
  try {
    const value: unknown = JSON.parse(text);
    return isKeptCa(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isKeptCa(value: unknown): value is KeptCa {
  return (
    typeof value === 'object' &&
    value !== null &&
    'certificate' in value &&
    typeof value.certificate === 'string' &&
    'key' in value &&
    typeof value.key === 'string' &&
    'names' in value &&
    Array.isArray(value.names)
  );
}
