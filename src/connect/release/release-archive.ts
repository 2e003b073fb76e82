import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ArchiveError } from '../plugins/archive.ts';
import { ReleaseError } from './release-error.ts';
import { readTar } from './tar-entries.ts';

/** `kafka_2.13-4.3.1/libs/connect-runtime-4.3.1.jar`: all else of a release is left where it is. */
const JAR = /^(?:\.\/)?[^/]+\/libs\/([\w][\w.+-]*\.jar)$/;

/**
 * Unpacks the jars of a release of Apache Kafka (.tgz) into a new folder. They are for everybody to read.
 * `called`: what people know the archive as. Rejects with ReleaseError, and with what the file system says.
 */
export async function unpackJars(
  archive: string,
  called: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  let jars = 0;
  const plain = createGunzip();
  // What cannot be read ends the reading below, too.
  pipeline(createReadStream(archive), plain).catch(() => {});
  try {
    await readTar(plain, called, async ({ name, isFile, content }) => {
      const [, jar] = (isFile && JAR.exec(name)) || [];
      if (jar === undefined) return;
      const file = join(folder, jar);
      await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
      // Whatever this process leaves out of the modes of its files.
      await chmod(file, 0o644);
      jars++;
    });
  } catch (error) {
    if (error instanceof ArchiveError)
      throw new ReleaseError(withoutStop(error.message), false, { cause: error });
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EEXIST')
      throw new ReleaseError(`${called} has the same jar twice`, false, { cause: error });
    if (String(error.code).startsWith('Z_'))
      throw new ReleaseError(`${called} is no .tgz, or is broken: ${error.message}`, false, { cause: error });
    throw error;
  } finally {
    plain.destroy();
  }
  if (jars === 0)
    throw new ReleaseError(`${called} has no libs: it must be the .tgz of a release of Apache Kafka`, false);
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
