import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findInstallation } from './installation.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-installation-'));
  mkdirSync(join(folder, 'libs'));
  for (const jar of ['connect-runtime-4.3.1.jar', 'connect-basic-auth-extension-4.3.1.jar'])
    writeFileSync(join(folder, 'libs', jar), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A Java of this release in a folder of its own, as JAVA_HOME names it. */
function java(release: string): string {
  const home = join(folder, release);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin/java'), `#!/bin/sh\necho 'openjdk version "${release}"' >&2\n`);
  chmodSync(join(home, 'bin/java'), 0o700);
  return home;
}

test('the Java of JAVA_HOME runs connectors, and that of PATH where JAVA_HOME is not set', async () => {
  const [chosen, found] = [java('21.0.1'), java('17.0.2')];
  const PATH = `/nowhere:${join(found, 'bin')}`;
  expect(await findInstallation(folder, { JAVA_HOME: chosen, PATH })).toMatchObject({ javaRelease: 21 });
  expect(await findInstallation(folder, { PATH })).toMatchObject({ javaRelease: 17 });
  expect(await findInstallation(folder, { JAVA_HOME: '', PATH })).toMatchObject({ javaRelease: 17 });
});

test('a JAVA_HOME without a Java is refused and named, whatever is in PATH', async () => {
  const PATH = join(java('17.0.2'), 'bin');
  expect(await findInstallation(folder, { JAVA_HOME: join(folder, 'libs'), PATH })).toEqual({
    missing: `JAVA_HOME names ${join(folder, 'libs')}, which has no bin/java: name the folder of a Java, or unset JAVA_HOME for the one in PATH.`,
  });
});

test('what is missing is named with what to install: a Java, and then Kafka Connect', async () => {
  const PATH = join(java('17.0.2'), 'bin');
  expect(await findInstallation(undefined, { PATH: '/nowhere' })).toEqual({
    missing:
      'Connectors run in Kafka Connect, which needs Java 17 or newer: install it, or name its folder with JAVA_HOME.',
  });
  expect(await findInstallation(undefined, { PATH })).toEqual({
    missing:
      'Connectors run in Kafka Connect, which is not installed: name the folder of a release of Apache Kafka with --kafka-home or KAFKA_HOME, or have one fetched with --kafka-archive or --kafka-from-maven.',
  });
});
