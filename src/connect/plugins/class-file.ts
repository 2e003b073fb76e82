/**
 * The beginning of a Java class file: what it is compiled for, and what it extends. Names as Java writes
 * them, with dots.
 */
export interface ClassHeader {
  readonly name: string;
  readonly superclass: string | null;
  readonly interfaces: readonly string[];
  /** It can be made into an object: neither abstract nor an interface, and public. */
  readonly isConcrete: boolean;
  /** The Java release that it needs at least. */
  readonly javaRelease: number;
}

const MAGIC = 0xcafebabe;
/** Class files of Java 1 begin at 45. */
const FIRST_MAJOR = 44;
const ACC_PUBLIC = 0x0001;
const ACC_INTERFACE = 0x0200;
const ACC_ABSTRACT = 0x0400;

/**
 * Of entries of the constant pool, by tag (JVM specification 4.4), without the tag itself; Utf8 says its own.
 */
const CONSTANT_BYTES: Readonly<Record<number, number>> = {
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 2,
  8: 2,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  15: 3,
  16: 2,
  17: 4,
  18: 4,
  19: 2,
  20: 2,
};
const UTF8 = 1;
const CLASS = 7;
/** A long or a double takes two places. */
const WIDE = [5, 6];

/** Null when these are not the bytes of a class file. */
export function readClassHeader(bytes: Buffer): ClassHeader | null {
  try {
    return read(bytes);
  } catch (error) {
    // It ends before its header does.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function read(bytes: Buffer): ClassHeader | null {
  if (bytes.readUInt32BE(0) !== MAGIC) return null;
  const major = bytes.readUInt16BE(6);
  const count = bytes.readUInt16BE(8);
  const texts = new Map<number, string>();
  const classes = new Map<number, number>();
  let at = 10;
  for (let index = 1; index < count; index++) {
    const tag = bytes.readUInt8(at);
    if (tag === UTF8) {
      const length = bytes.readUInt16BE(at + 1);
      texts.set(index, bytes.toString('utf8', at + 3, at + 3 + length));
      at += 3 + length;
      continue;
    }
    const length = CONSTANT_BYTES[tag];
    if (length === undefined) return null;
    if (tag === CLASS) classes.set(index, bytes.readUInt16BE(at + 1));
    if (WIDE.includes(tag)) index++;
    at += 1 + length;
  }
  /** The constant that has the text of the class which is named here. */
  const textAt = (place: number): number => classes.get(bytes.readUInt16BE(place)) ?? 0;
  const nameOf = (text: number): string | null => texts.get(text)?.replaceAll('/', '.') ?? null;
  const access = bytes.readUInt16BE(at);
  const name = nameOf(textAt(at + 2));
  if (name === null) return null;
  // A class may name 65,535, and all of them may be one text: it is kept only once.
  const interfaces = new Set(
    Array.from({ length: bytes.readUInt16BE(at + 6) }, (_, index) => textAt(at + 8 + 2 * index)),
  );
  return {
    name,
    superclass: nameOf(textAt(at + 4)),
    interfaces: [...interfaces].map(nameOf).filter((one) => one !== null),
    isConcrete: (access & (ACC_PUBLIC | ACC_INTERFACE | ACC_ABSTRACT)) === ACC_PUBLIC,
    javaRelease: major - FIRST_MAJOR,
  };
}
