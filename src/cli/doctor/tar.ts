const BLOCK = 512;

/** One file of an archive. */
export interface TarFile {
  /** Up to 100 bytes, with `/` between folders. */
  readonly path: string;
  readonly content: Buffer;
}

/** A tar archive in POSIX's ustar format, which every tar reads. `now`: seconds since 1970. */
export function tar(files: readonly TarFile[], now: number): Buffer {
  const parts = files.flatMap(({ path, content }) => [
    header(path, content.length, now),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number, now: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(path, 0, 100);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(now, 12), 136);
  // The checksum is that of the header with spaces in its place.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
