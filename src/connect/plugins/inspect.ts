import { basename } from 'node:path';
import type { ConnectClass, ConnectClassType } from '../state/plugin.ts';
import { ArchiveError } from './archive.ts';
import { connectType } from './connect-types.ts';
import { type Jar, type JarFile, readJars } from './jar.ts';

/** Jars of Kafka's own that plugins bring along; a worker hides what is in them behind its own. */
const KAFKAS_OWN = /^(kafka-clients|connect-(api|json|runtime|transforms))-/;

export interface Inspection {
  readonly classes: readonly ConnectClass[];
  readonly hasManifests: boolean;
}

/**
 * What Kafka Connect would find in these jars. `javaRelease`: of the Java that is to run them; null where
 * there is none yet. Rejects with ArchiveError when one is broken, needs a newer Java, or when there is
 * nothing for Kafka Connect in any.
 */
export async function inspectJars(
  files: readonly JarFile[],
  javaRelease: number | null,
): Promise<Inspection> {
  const own = files.filter(({ called }) => !KAFKAS_OWN.test(basename(called)));
  const manifests = await readJars(own, () => false);
  const named = manifests.flatMap(fromManifests);
  const hasManifests = named.length > 0;
  const names = new Set(named.map((one) => one.class));
  const jars = await readJars(own, hasManifests ? (name) => names.has(name) : () => true);
  for (const jar of jars) checkRelease(jar, javaRelease, (name) => names.has(name) || !hasManifests);
  const classes = hasManifests ? named : fromClasses(jars);
  if (classes.length === 0)
    throw new ArchiveError(
      'The archive has no class that Kafka Connect can load: no connector, converter, transformation, predicate or configuration provider.',
    );
  const there = new Set(jars.flatMap((jar) => jar.classes.map(({ name }) => name)));
  const missing = classes.find((one) => !there.has(one.class));
  if (missing)
    throw new ArchiveError(`A manifest of the archive names the class ${missing.class}, which is not in it.`);
  return { classes, hasManifests };
}

function fromManifests({ services, version }: Jar): ConnectClass[] {
  return [...services].flatMap(([service, names]) => {
    const type = connectType(service);
    return type === null ? [] : names.map((name) => ({ class: name, type, version }));
  });
}

/** Older plugins have no manifests: a worker finds their classes by what they extend. */
function fromClasses(jars: readonly Jar[]): ConnectClass[] {
  const types = typesByClass(jars);
  return jars.flatMap(({ classes, version }) =>
    classes
      .filter(({ isConcrete }) => isConcrete)
      .flatMap(({ name }) => [...(types.get(name) ?? [])].map((type) => ({ class: name, type, version }))),
  );
}

/**
 * What the classes are by all that they extend, from what plugins implement down to each of them: once for
 * each type, however many classes extend one another.
 */
function typesByClass(jars: readonly Jar[]): ReadonlyMap<string, ReadonlySet<ConnectClassType>> {
  const extendedBy = new Map<string, string[]>();
  // Of classes with one name the last counts.
  const headers = new Map(jars.flatMap((jar) => jar.classes.map((header) => [header.name, header] as const)));
  for (const { name, superclass, interfaces } of headers.values())
    for (const parent of superclass === null ? interfaces : [superclass, ...interfaces]) {
      const known = extendedBy.get(parent);
      if (known) known.push(name);
      else extendedBy.set(parent, [name]);
    }
  const types = new Map<string, Set<ConnectClassType>>();
  for (const root of extendedBy.keys()) {
    const type = connectType(root);
    if (type === null) continue;
    const open = [root];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const name of extendedBy.get(next) ?? []) {
        const known = types.get(name) ?? new Set();
        if (known.has(type)) continue;
        types.set(name, known.add(type));
        open.push(name);
      }
  }
  return types;
}

function checkRelease(jar: Jar, javaRelease: number | null, counts: (name: string) => boolean): void {
  if (javaRelease === null) return;
  const newer = jar.classes.find((header) => counts(header.name) && header.javaRelease > javaRelease);
  if (newer)
    throw new ArchiveError(
      `${jar.called} needs Java ${newer.javaRelease} for its class ${newer.name}, and Java ${javaRelease} is what runs here.`,
    );
}
