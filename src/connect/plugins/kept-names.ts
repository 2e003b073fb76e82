import { ArchiveError } from './archive.ts';
import type { ClassHeader } from './class-file.ts';

/** In bytes: the manifests of the largest known plugin have 0.3 MB. */
const MOST_MANIFESTS = 16 * 1024 ** 2;
/** Plugins have hundreds at most, for all that services are made for; each one is told of in the API. */
const MOST_SERVICES = 20_000;
/** In characters: 100,000 classes, as the largest known plugin has, are at some 15 million. */
const MOST_NAMES = 64 * 1024 ** 2;

/** What an inspection keeps in memory of the jars of one plugin: it is limited for all together. */
export class KeptNames {
  #manifestBytes = 0;
  #services = 0;
  #nameLength = 0;

  /** Throws ArchiveError when this manifest with so many names, in the jar `called`, is too much. */
  addManifest(called: string, text: string, names: number): void {
    this.#services += names;
    if (this.#services > MOST_SERVICES)
      throw new ArchiveError(
        `${called} is refused: its manifests name more than ${MOST_SERVICES} classes in all jars together.`,
      );
    this.#manifestBytes += Buffer.byteLength(text);
    if (this.#manifestBytes > MOST_MANIFESTS)
      throw new ArchiveError(
        `${called} is refused: its manifests have more than ${MOST_MANIFESTS} bytes in all jars together.`,
      );
  }

  /** Throws ArchiveError when the names in this class, of the jar `called`, are too much. */
  addClass(called: string, { name, superclass, interfaces }: ClassHeader): void {
    for (const one of [name, superclass ?? '', ...interfaces]) this.#nameLength += one.length;
    if (this.#nameLength > MOST_NAMES)
      throw new ArchiveError(
        `${called} is refused: the names of its classes have more than ${MOST_NAMES} characters in all jars together.`,
      );
  }
}
