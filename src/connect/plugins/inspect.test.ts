import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArchiveError } from './archive.ts';
import { PluginFolder } from './plugin-folder.ts';
import { classBytes } from './testing/class-bytes.ts';
import { zipBytes } from './zip-bytes.ts';

let folder: string;
let plugins: PluginFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-plugins-'));
  plugins = new PluginFolder(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SINK = 'org.apache.kafka.connect.sink.SinkConnector';
const MANIFEST = { name: `META-INF/services/${SINK}`, bytes: 'com.acme.AcmeSink # the one\n' };
const CLASS = {
  name: 'com/acme/AcmeSink.class',
  bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK }),
};
const JAR = zipBytes([MANIFEST, CLASS]);
const CHAIN = 1000;

/** An archive whose entries all have the same bytes of its file (Fifield, "A better zip bomb", 2019). */
function overlapping(names: readonly string[], bytes: Buffer): Buffer {
  const single = zipBytes([{ name: 'x', bytes }]);
  const end = single.length - 22;
  const at = single.readUInt32LE(end + 16);
  const directory = names.flatMap((name) => {
    const entry = Buffer.from(single.subarray(at, end - 1));
    entry.writeUInt16LE(name.length, 28);
    return [entry, Buffer.from(name)];
  });
  const tail = Buffer.from(single.subarray(end));
  tail.writeUInt16LE(names.length, 8);
  tail.writeUInt16LE(names.length, 10);
  tail.writeUInt32LE(Buffer.concat(directory).length, 12);
  return Buffer.concat([single.subarray(0, at), ...directory, tail]);
}

/** So many names in turn. */
function numbered(count: number, name: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => name(index));
}

/** What becomes of an upload of these bytes. */
function store(bytes: Buffer, contentType: 'JAR' | 'ZIP' = 'JAR', java: number | null = 17) {
  const key = contentType === 'JAR' ? 'acme-sink-1.2.3.jar' : 'acme.zip';
  const file = join(folder, key);
  writeFileSync(file, bytes);
  return plugins.store('uuid', { file, key, contentType }, java);
}

describe('what Kafka Connect finds in a plugin', () => {
  test('a JAR: the classes of its manifests, with the version in its name', async () => {
    expect(await store(JAR)).toMatchObject({
      classes: [{ class: 'com.acme.AcmeSink', type: 'sink', version: '1.2.3' }],
      hasManifests: true,
      fileSize: JAR.length,
    });
  });

  test('a ZIP: the jars in it, with the version of their manifest', async () => {
    const jar = zipBytes([
      { name: 'META-INF/MANIFEST.MF', bytes: 'Manifest-Version: 1.0\r\nImplementation-Version: 9\r\n' },
      MANIFEST,
      CLASS,
    ]);
    expect(await store(zipBytes([{ name: 'acme/lib/acme-sink.jar', bytes: jar }]), 'ZIP')).toMatchObject({
      classes: [{ class: 'com.acme.AcmeSink', type: 'sink', version: '9' }],
    });
  });

  test('without manifests: the public classes that extend what plugins extend, over other classes too', async () => {
    const classes = [
      { name: 'com.acme.Base', superclass: SINK, isAbstract: true },
      { name: 'com.acme.Sink', superclass: 'com.acme.Base' },
      { name: 'com.acme.Both', interfaces: ['org.apache.kafka.connect.storage.Converter'] },
      { name: 'com.acme.Other' },
    ];
    const jar = zipBytes(
      classes.map((one) => ({ name: `${one.name.replaceAll('.', '/')}.class`, bytes: classBytes(one) })),
    );
    const { classes: found, hasManifests } = await store(jar);
    expect(hasManifests).toBe(false);
    expect(found.map((one) => `${one.type} ${one.class}`)).toEqual([
      'sink com.acme.Sink',
      'converter com.acme.Both',
    ]);
  });

  // 100,000 of them, in a jar of 10 MB, took minutes in one turn of the event loop.
  test('classes that extend one another in a long chain, in proportion to how many they are', async () => {
    const chain = numbered(CHAIN, (index) => `c.C${index}`).map((name, index) => ({
      name: `c/C${index}.class`,
      bytes: classBytes({ name, superclass: index === 0 ? SINK : `c.C${index - 1}` }),
    }));
    const add = vi.spyOn(Set.prototype, 'add');
    const { classes } = await store(zipBytes(chain));
    const added = add.mock.calls.length;
    add.mockRestore();
    expect(classes.map(({ type }) => type)).toEqual(new Array(CHAIN).fill('sink'));
    expect(added).toBeLessThan(20 * CHAIN);
  });

  test('a class that a manifest names again and again, once', async () => {
    const jar = zipBytes([{ ...MANIFEST, bytes: 'com.acme.AcmeSink\n'.repeat(30_000) }, CLASS]);
    expect((await store(jar)).classes).toHaveLength(1);
  });

  test('nothing in the jars of Kafka itself that a plugin brings along', async () => {
    const zip = zipBytes([
      { name: 'lib/acme-sink-1.jar', bytes: JAR },
      { name: 'lib/connect-api-3.7.0.jar', bytes: JAR },
    ]);
    expect((await store(zip, 'ZIP')).classes).toHaveLength(1);
  });
});

describe('an archive is refused, and nothing of it stays', () => {
  const damaged = Buffer.from(JAR);
  damaged.write('?', damaged.indexOf('# the one'));

  test.each<[string, Buffer, 'JAR' | 'ZIP', RegExp]>([
    ['that is none', Buffer.from('no archive at all'), 'JAR', /acme-sink-1\.2\.3\.jar is no ZIP archive/],
    ['that ends early', JAR.subarray(0, -30), 'JAR', /is no ZIP archive/],
    [
      'that leads out of its folder',
      zipBytes([{ name: '../evil.jar', bytes: JAR }]),
      'ZIP',
      /\.\.\/evil\.jar/,
    ],
    ['with an absolute path', zipBytes([{ name: '/etc/evil.jar', bytes: JAR }]), 'ZIP', /\/etc\/evil\.jar/],
    ['with a name that no file can have', zipBytes([{ name: 'a\0.jar', bytes: JAR }]), 'ZIP', /a\0\.jar/],
    [
      'with a name that is longer than names may be',
      zipBytes([{ name: `${'a'.repeat(300)}.jar`, bytes: JAR }]),
      'ZIP',
      /ENAMETOOLONG/,
    ],
    [
      'with a file that is also a folder',
      zipBytes([
        { name: 'a', bytes: 'a file' },
        { name: 'a/b.jar', bytes: JAR },
      ]),
      'ZIP',
      /a\/b\.jar/,
    ],
    [
      'with two entries of one name',
      zipBytes([
        { name: 'a.jar', bytes: JAR },
        { name: 'a.jar', bytes: JAR },
      ]),
      'ZIP',
      /a\.jar/,
    ],
    [
      'that unpacks to gigabytes',
      zipBytes([{ name: 'bomb.jar', bytes: JAR, claimedBytes: 3 * 1024 ** 3 }]),
      'ZIP',
      /bomb\.jar: it unpacks to more than/,
    ],
    [
      'that says less than it has',
      zipBytes([{ name: 'a.jar', bytes: JAR, claimedBytes: 10 }]),
      'ZIP',
      /a\.jar/,
    ],
    [
      'that unpacks to more than a hundred times its size, since its entries share their bytes',
      overlapping(
        numbered(600, (index) => `${index}.txt`),
        Buffer.alloc(128 * 1024),
      ),
      'ZIP',
      /is refused at its entry \d+\.txt: it unpacks to more than 100 times its size/,
    ],
    [
      'whose jars unpack to it together, each of them to less',
      zipBytes(
        numbered(2, (index) => `${index}.jar`).map((name) => ({
          name,
          bytes: overlapping(
            numbered(500, (index) => `${index}.txt`),
            Buffer.alloc(128 * 1024),
          ),
        })),
      ),
      'ZIP',
      /1\.jar is refused at its entry \d+\.txt: it unpacks to more than 100 times its size/,
    ],
    [
      'with manifests that name tens of thousands of classes',
      zipBytes([{ ...MANIFEST, bytes: numbered(20_001, (index) => `a.S${index}`).join('\n') }, CLASS]),
      'JAR',
      /is refused: its manifests name more than 20000 classes in all jars together/,
    ],
    [
      'with manifests that would fill the memory',
      zipBytes(
        numbered(20, (index) => `${index}.jar`).map((name) => ({
          name,
          bytes: zipBytes([{ ...MANIFEST, bytes: Buffer.alloc(1024 ** 2, 'a.Sink\n') }, CLASS]),
        })),
      ),
      'ZIP',
      /jar is refused: its manifests have more than 16777216 bytes in all jars together/,
    ],
    [
      'with names of classes that would fill the memory',
      overlapping(
        numbered(50, (index) => `${index}.class`),
        classBytes({
          name: 'com.acme.AcmeSink',
          superclass: SINK,
          interfaces: numbered(22, (index) => `i${index}${'x'.repeat(65_000)}`),
        }),
      ),
      'JAR',
      /is refused: the names of its classes have more than 67108864 characters in all jars together/,
    ],
    ['that is damaged', damaged, 'JAR', /META-INF\/services.*: its checksum is wrong/],
    ['without a jar', zipBytes([{ name: 'readme.txt', bytes: 'hello' }]), 'ZIP', /has no JAR in it/],
    [
      'with a broken jar',
      zipBytes([{ name: 'lib/a.jar', bytes: 'x' }]),
      'ZIP',
      /lib\/a\.jar is no ZIP archive/,
    ],
    [
      'with nothing for Kafka Connect',
      zipBytes([{ name: 'a.txt', bytes: 'x' }]),
      'JAR',
      /no class that Kafka Connect/,
    ],
    [
      'that names a class which is not there',
      zipBytes([MANIFEST]),
      'JAR',
      /com\.acme\.AcmeSink, which is not in it/,
    ],
    [
      'with a class that is none',
      zipBytes([MANIFEST, { name: 'com/acme/AcmeSink.class', bytes: 'no class' }]),
      'JAR',
      /com\/acme\/AcmeSink\.class that is no Java class/,
    ],
    [
      'for a newer Java',
      zipBytes([
        MANIFEST,
        {
          name: 'com/acme/AcmeSink.class',
          bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK, javaRelease: 21 }),
        },
      ]),
      'JAR',
      /needs Java 21 for its class com\.acme\.AcmeSink, and Java 17 is what runs here/,
    ],
  ])('%s', async (_, bytes, contentType, says) => {
    const stored = store(bytes, contentType);
    await expect(stored).rejects.toThrow(says);
    // Whoever uploads it is told; anything else is a fault of ours.
    await expect(stored).rejects.toBeInstanceOf(ArchiveError);
    await plugins.removeOthers(new Set(['uuid']));
    await expect(store(JAR)).resolves.toMatchObject({ hasManifests: true });
  });
});
