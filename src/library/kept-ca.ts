import { readWhole } from '../base/disk.ts';
import type { TlsIdentity } from '../base/tls.ts';
import type { World } from '../base/world.ts';

/** A CA, its key and the names that it may vouch for, in one file, so that there is never one without the other. */
interface KeptCa extends TlsIdentity {
  readonly names: readonly string[];
}

/**
 * The CA that a file of the data folder has. A new one is made and kept when there is none, when it may not vouch for all of the names, or when the
 * file was not written whole.
 */
export function keptCa(
  { disk }: Pick<World, 'disk'>,
  path: string,
  options: { readonly names: readonly string[]; readonly create: () => TlsIdentity },
): TlsIdentity {
  const { names, create } = options;
  const kept = parse(readWhole(disk, path)?.toString('utf8') ?? '');
  if (kept && names.every((name) => kept.names.includes(name))) return kept;
  const made: KeptCa = { ...create(), names };
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
