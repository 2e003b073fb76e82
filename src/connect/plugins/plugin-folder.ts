import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeSyncedFolder } from '../../platform/make-folder.ts';
import { removeFolder } from '../../platform/remove-folder.ts';
import { syncTree } from '../../platform/sync-path.ts';
import type { ConnectClass } from '../state/plugin.ts';
import { ArchiveError, unpack } from './archive.ts';
import { serviceOf } from './connect-types.ts';
import { type Inspection, inspectJars } from './inspect.ts';
import { zipBytes } from './zip-bytes.ts';

/** File systems take 255; S3 takes keys of 1,024. */
const NAME_BYTES_MAX = 250;

/** MSK Connect takes no larger files. */
export const MOST_FILE_BYTES = 1024 ** 3;

/** No plugin brings a jar of this name. */
const MANIFESTS = 'millrace-manifests.jar';

export interface StoredPlugin extends Inspection {
  readonly fileMd5: string;
  /** In bytes. */
  readonly fileSize: number;
}

/**
 * The copies of plugins: of each one a folder that a worker's `plugin.path` can name. What becomes of the
 * bucket's file later changes nothing.
 */
export class PluginFolder {
  readonly #folder: string;

  constructor(connectFolder: string) {
    this.#folder = join(connectFolder, 'plugins');
  }

  /** The `plugin.path` of a plugin. */
  path(uuid: string): string {
    return join(this.#folder, uuid);
  }

  /** Where the file of a bucket may lie until it is stored. */
  download(uuid: string): string {
    return join(this.path(uuid), 'download');
  }

  /**
   * Copies, unpacks and inspects the file of a bucket. Rejects with ArchiveError, and leaves nothing behind
   * then.
   */
  async store(
    uuid: string,
    source: { readonly file: string; readonly key: string; readonly contentType: 'JAR' | 'ZIP' },
    javaRelease: number | null,
  ): Promise<StoredPlugin> {
    const content = join(this.path(uuid), 'content');
    try {
      // A crash may have left a part of it there.
      await removeFolder(content);
      makeSyncedFolder(content);
      const isJar = source.contentType === 'JAR';
      const name = basename(source.key);
      if (Buffer.byteLength(name) > NAME_BYTES_MAX)
        throw new ArchiveError(`The name of the file is longer than ${NAME_BYTES_MAX} bytes.`);
      const copy = isJar
        ? join(content, extname(name) === '.jar' ? name : `${name}.jar`)
        : join(this.path(uuid), 'archive.zip');
      const file = await copied(source.file, copy);
      const files = isJar ? [copy] : await unpack(copy, name, content);
      if (!isJar) rmSync(copy);
      const jars = files.filter((one) => extname(one) === '.jar');
      if (jars.length === 0) throw new ArchiveError(`${name} has no JAR in it.`);
      const inspected = await inspectJars(
        jars.map((jar) => ({ file: jar, called: relative(content, jar) })),
        javaRelease,
      );
      // Whoever is told of the plugin has it for good; the file of the bucket may change or go.
      await syncTree(content);
      return { ...file, ...inspected };
    } catch (error) {
      await this.remove(uuid);
      throw error;
    }
  }

  /**
   * Names these classes in manifests of their own, beside the plugin's jars: workers need not read all
   * classes to find them.
   */
  async addManifests(uuid: string, classes: readonly ConnectClass[]): Promise<void> {
    if (classes.length === 0) return;
    const content = join(this.path(uuid), 'content');
    const services = new Map<string, string>();
    for (const one of classes) {
      const name = `META-INF/services/${serviceOf(one.type)}`;
      services.set(name, `${services.get(name) ?? ''}${one.class}\n`);
    }
    const manifests = [...services].map(([name, bytes]) => ({ name, bytes }));
    writeFileSync(join(content, MANIFESTS), zipBytes(manifests), { mode: 0o600 });
    await syncTree(content);
  }

  remove(uuid: string): Promise<void> {
    return removeFolder(this.path(uuid));
  }

  /** Removes what belongs to none of these: a copy that a crash left. */
  async removeOthers(uuids: ReadonlySet<string>): Promise<void> {
    if (!existsSync(this.#folder)) return;
    for (const uuid of readdirSync(this.#folder)) if (!uuids.has(uuid)) await this.remove(uuid);
  }
}

async function copied(source: string, target: string): Promise<{ fileMd5: string; fileSize: number }> {
  const digest = createHash('md5');
  let fileSize = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      fileSize += chunk.length;
      digest.update(chunk);
      done(
        fileSize > MOST_FILE_BYTES
          ? new ArchiveError(`The file has more than ${MOST_FILE_BYTES} bytes.`)
          : null,
        chunk,
      );
    },
  });
  await pipeline(createReadStream(source), measured, createWriteStream(target, { mode: 0o600 }));
  return { fileMd5: digest.digest('hex'), fileSize };
}
