import { gzipSync } from 'node:zlib';

const BLOCK = 512;

export interface TarFile {
  readonly name: string;
  readonly bytes?: string;
  /** `0`, a file, where none is given. */
  readonly type?: string;
}

/** A tar archive of POSIX, packed as releases are. */
export function tgz(files: readonly TarFile[]): Buffer {
  return gzipSync(Buffer.concat([...files.map(entry), Buffer.alloc(2 * BLOCK)]));
}

function entry({ name, bytes = '', type = '0' }: TarFile): Buffer {
  const content = Buffer.from(bytes);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}
