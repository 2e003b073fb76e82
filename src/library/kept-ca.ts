import { readWhole } from '../base/disk.ts';
import type { TlsIdentity } from '../base/tls.ts';
import type { World } from '../base/world.ts';

/** A CA, its key and the names that it may vouch for, in one file, so that there is never one without the other. */
interface KeptCa extends TlsIdentity {
  readonly names: readonly string[];
}

/**
 * The CA that a file of the data folder has. A new one is made and kept when there is none, or when the file was not written whole. One that does not
 * vouch for all of the names is `widened` to what it vouches for and these: it stays the same CA, so that clients go on.
 */
export function keptCa(
  { disk }: Pick<World, 'disk'>,
  path: string,
  options: {
    readonly names: readonly string[];
    readonly create: () => TlsIdentity;
    readonly widened: (ca: TlsIdentity, names: readonly string[]) => TlsIdentity;
  },
): TlsIdentity {
  const { create, widened } = options;
  const kept = parse(readWhole(disk, path)?.toString('utf8') ?? '');
  const names = [...new Set([...(kept?.names ?? []), ...options.names])];
  if (kept && names.length === kept.names.length) return kept;
  const made: KeptCa = { ...(kept ? widened(kept, names) : create()), names };
  const draft = `${path}.new`;
  if (disk.exists(draft)) disk.remove(draft);
  const file = disk.open(draft, 'create');
  try {
    file.writeNow(0, Buffer.from(JSON.stringify(made)));
  } finally {
    file.close();
  }
  disk.rename(draft, path);
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
