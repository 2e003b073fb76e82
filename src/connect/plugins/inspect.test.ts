import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
    plugins.removeOthers(new Set(['uuid']));
    await expect(store(JAR)).resolves.toMatchObject({ hasManifests: true });
  });
});
