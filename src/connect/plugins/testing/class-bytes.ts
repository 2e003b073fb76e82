/** The bytes of a Java class without members (JVM specification 4.1). */
export function classBytes(of: {
  readonly name: string;
  readonly superclass?: string;
  readonly interfaces?: readonly string[];
  readonly isAbstract?: boolean;
  readonly javaRelease?: number;
}): Buffer {
  const { name, superclass = 'java.lang.Object', interfaces = [], isAbstract = false, javaRelease = 17 } = of;
  const names = [name, superclass, ...interfaces];
  // Each name is two constants: its text, and the class that has it.
  const constants = names.flatMap((one, index) => {
    const text = Buffer.from(one.replaceAll('.', '/'));
    return [Buffer.from([1]), uint16(text.length), text, Buffer.from([7]), uint16(2 * index + 1)];
  });
  const classAt = (index: number): Buffer => uint16(2 * index + 2);
  return Buffer.concat([
    Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0]),
    uint16(javaRelease + 44),
    uint16(2 * names.length + 1),
    ...constants,
    uint16(isAbstract ? 0x0421 : 0x0021),
    classAt(0),
    classAt(1),
    uint16(interfaces.length),
    ...interfaces.map((_, index) => classAt(index + 2)),
    // No fields, methods and attributes.
    Buffer.alloc(6),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
