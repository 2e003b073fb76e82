import type { Disk } from '../../base/disk.ts';
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
