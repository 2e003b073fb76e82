import { VOLUME_FILE } from '../../src/broker/volume/volume-file.ts';
import type { SimHost } from '../sim-host.ts';

const DATA = '/data';
const PATH = `${DATA}/${VOLUME_FILE}`;
/** More than any history writes. */
export const LARGE_VOLUME_BYTES = 2 ** 40;

/**
 * Gives the broker of this host a volume, or changes its size, from outside of its process as the engine
 * does.
 */
export function setVolume(host: SimHost, bytes: number): void {
  const { files } = host;
  if (!files.isFolder(DATA)) files.makeFolder(DATA);
  const file = files.file(PATH) ?? files.create(PATH);
  file.truncate(0);
  file.write(0, Buffer.from(String(bytes)));
  file.settle(file.position());
  files.settle(files.position(DATA));
  files.settle(files.position('/'));
}

export function hasVolume(host: SimHost): boolean {
  return host.files.file(PATH) !== undefined;
}
