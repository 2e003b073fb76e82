import { type ArchiveEntry, ArchiveError, readArchive } from './archive.ts';
import { ArchiveTotals } from './archive-totals.ts';
import { type ClassHeader, readClassHeader } from './class-file.ts';
import { KeptNames } from './kept-names.ts';

/** A manifest of services has a few lines; a class of the largest kind has less. */
const MOST_MANIFEST_BYTES = 1024 ** 2;
const MOST_CLASS_BYTES = 16 * 1024 ** 2;
const SERVICES = 'META-INF/services/';
/** Classes for newer releases of Java than the jar needs. */
const OTHER_RELEASES = 'META-INF/versions/';

export interface Jar {
  /** As people know it: its path in the archive that was uploaded. */
  readonly called: string;
  /** By the interface: the classes that its ServiceLoader manifests name. */
  readonly services: ReadonlyMap<string, readonly string[]>;
  readonly version: string | null;
  /** Of the classes that were wanted. */
  readonly classes: readonly ClassHeader[];
}

/** A file of a plugin. */
export interface JarFile {
  readonly file: string;
  /** As people know it: its path in the archive that was uploaded. */
  readonly called: string;
}

/**
 * Reads manifests, and the headers of the classes that `wants`, of one jar after the other: what is unpacked
 * of one class is not kept. Rejects with ArchiveError.
 */
export async function readJars(files: readonly JarFile[], wants: (name: string) => boolean): Promise<Jar[]> {
  const limits = { totals: new ArchiveTotals(), kept: new KeptNames() };
  const jars: Jar[] = [];
  for (const file of files) jars.push(await readJar(file, wants, limits));
  return jars;
}

async function readJar(
  { file, called }: JarFile,
  wants: (name: string) => boolean,
  { totals, kept }: { readonly totals: ArchiveTotals; readonly kept: KeptNames },
): Promise<Jar> {
  const services = new Map<string, readonly string[]>();
  const classes: ClassHeader[] = [];
  let version: string | null = /-(\d[\w.]*)\.jar$/.exec(called)?.[1] ?? null;
  const visit = async (entry: ArchiveEntry): Promise<void> => {
    const { name } = entry;
    if (name.startsWith(SERVICES) && !entry.isFolder) {
      const text = (await entry.bytes(MOST_MANIFEST_BYTES)).toString('utf8');
      const names = serviceNames(text);
      kept.addManifest(called, text, names.length);
      services.set(name.slice(SERVICES.length), names);
    } else if (name === 'META-INF/MANIFEST.MF') {
      const text = (await entry.bytes(MOST_MANIFEST_BYTES)).toString('utf8');
      version = /^Implementation-Version: *(\S+)/m.exec(text)?.[1] ?? version;
    } else if (name.endsWith('.class') && !name.startsWith(OTHER_RELEASES)) {
      if (!wants(name.slice(0, -'.class'.length).replaceAll('/', '.'))) return;
      const header = readClassHeader(await entry.bytes(MOST_CLASS_BYTES));
      if (!header) throw new ArchiveError(`${called} has an entry ${name} that is no Java class.`);
      kept.addClass(called, header);
      classes.push(header);
    }
  };
  await readArchive(file, called, visit, totals);
  return { called, services, version, classes };
}

/** One class a line, a second time as if it were not there; a # begins a comment. */
function serviceNames(text: string): string[] {
  const names = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  return [...new Set(names)];
}
