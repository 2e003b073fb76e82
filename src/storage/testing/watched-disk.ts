import type { Disk, File } from '../../base/disk.ts';
import type { World } from '../../base/world.ts';

/** The same world, with a look at every path that is opened for writing or renamed to; the look may throw. */
export function watched(world: World, look: (path: string) => void): World {
  const { disk } = world;
  const watching: Disk = {
    open(path, mode) {
      if (mode !== 'read') look(path);
      return disk.open(path, mode);
    },
    rename(from, to) {
      look(to);
      disk.rename(from, to);
    },
    exists: (path) => disk.exists(path),
    list: (path) => disk.list(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    remove: (path) => disk.remove(path),
    removeDirectory: (path) => disk.removeDirectory(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    space: (path) => disk.space(path),
  };
  return { ...world, disk: watching };
}

/** The same world, and the path of every file and folder that is synced. */
export function watchedSyncs(world: World): { readonly world: World; readonly synced: string[] } {
  const synced: string[] = [];
  const { disk } = world;
  const watching: Disk = {
    open: (path, mode) => watchedFile(disk.open(path, mode), synced),
    rename: (from, to) => disk.rename(from, to),
    exists: (path) => disk.exists(path),
    list: (path) => disk.list(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    remove: (path) => disk.remove(path),
    removeDirectory: (path) => disk.removeDirectory(path),
    syncDirectory(path) {
      synced.push(path);
      return disk.syncDirectory(path);
    },
    space: (path) => disk.space(path),
  };
  return { world: { ...world, disk: watching }, synced };
}

function watchedFile(file: File, synced: string[]): File {
  return {
    path: file.path,
    size: () => file.size(),
    readNow: (at, into) => file.readNow(at, into),
    read: (at, into) => file.read(at, into),
    appendNow: (parts) => file.appendNow(parts),
    writeNow: (at, bytes) => file.writeNow(at, bytes),
    sync() {
      synced.push(file.path);
      return file.sync();
    },
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  };
}
