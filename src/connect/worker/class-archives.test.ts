import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { ClassArchives } from './class-archives.ts';
import type { Installation } from './installation.ts';

let folder: string;
let installation: Installation;
const world = nodeWorld(silent);
const PATIENCE = { timeout: 60_000 };

/** Before a Java that makes an archive of the list that it is given, or fails. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-classes-'));
  mkdirSync(join(folder, 'libs'));
  writeFileSync(join(folder, 'libs/connect-runtime-4.3.1.jar'), '');
  java('cp "$list" "$archive"');
  installation = {
    java: join(folder, 'java'),
    javaRelease: 17,
    version: '4.3.1',
    libs: join(folder, 'libs'),
    classPath: join(folder, 'libs/*'),
    isLinked: false,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

function java(does: string): void {
  const options = [
    'list=$(expr "$3" : ".*ClassListFile=\\(.*\\)")',
    'archive=$(expr "$4" : ".*ArchiveFile=\\(.*\\)")',
  ];
  writeFileSync(join(folder, 'java'), `#!/bin/sh\n${options.join('\n')}\n${does}\n`);
  chmodSync(join(folder, 'java'), 0o700);
}

function listed(archives: ClassArchives): string {
  const list = archives.newList(installation);
  if (list === null) throw new Error('the classes are known');
  writeFileSync(list, 'java/lang/Object id: 0\n');
  return list;
}

describe('an archive of classes', () => {
  test('is made of what a worker listed, once, and is there for the next ones', async () => {
    const archives = new ClassArchives(world, folder);
    expect(archives.of(installation)).toBeNull();
    const [first, second] = [listed(archives), listed(archives)];
    archives.make(installation, first);
    archives.make(installation, second);
    await vi.waitFor(() => expect(archives.of(installation)).not.toBeNull(), PATIENCE);
    expect(readFileSync(archives.of(installation) ?? '', 'utf8')).toBe('java/lang/Object\n');
    expect([first, second].filter((list) => existsSync(list))).toEqual([]);
    expect(archives.newList(installation)).toBeNull();
    expect(new ClassArchives(world, folder).of(installation)).toBe(archives.of(installation));
  });

  test('is another one for other jars', async () => {
    const archives = new ClassArchives(world, folder);
    archives.make(installation, listed(archives));
    await vi.waitFor(() => expect(archives.of(installation)).not.toBeNull(), PATIENCE);
    writeFileSync(join(folder, 'libs/connect-mirror-4.3.1.jar'), '');
    expect(archives.of(installation)).toBeNull();
  });

  test('is not asked for again where Java makes none, and workers start without it', async () => {
    const warned = vi.fn();
    const archives = new ClassArchives({ ...world, log: { ...world.log, warn: warned } }, folder);
    java('exit 3');
    archives.make(installation, listed(archives));
    await vi.waitFor(
      () => expect(warned).toHaveBeenCalledWith(expect.stringContaining('status 3')),
      PATIENCE,
    );
    expect(archives.of(installation)).toBeNull();
    expect(archives.newList(installation)).toBeNull();
  });

  test('is made until the control plane stops, or is killed', { timeout: 300_000 }, async () => {
    java(`echo $$ > ${join(folder, 'pid')}; exec sleep 600`);
    const pid = () =>
      vi.waitFor(() => Number(readFileSync(join(folder, 'pid'), 'utf8')) || expect.fail(), PATIENCE);
    const ended = (one: number) => vi.waitFor(() => expect(isRunning(one)).toBe(false), PATIENCE);
    const archives = new ClassArchives(world, folder);
    archives.make(installation, listed(archives));
    const first = await pid();
    await archives.stop();
    expect(isRunning(first)).toBe(false);

    rmSync(join(folder, 'pid'));
    const program = `
      import { writeFileSync } from 'node:fs';
      import { ClassArchives } from '${import.meta.dirname}/class-archives.ts';
      import { silent } from '${import.meta.dirname}/../../base/log.ts';
      import { nodeWorld } from '${import.meta.dirname}/../../platform/node-world.ts';
      const archives = new ClassArchives(nodeWorld(silent), '${folder}');
      const installation = ${JSON.stringify(installation)};
      const list = archives.newList(installation);
      writeFileSync(list, '');
      archives.make(installation, list);
      setInterval(() => {}, 1_000);
    `;
    const other = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const second = await pid();
    other.kill('SIGKILL');
    await ended(second);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
