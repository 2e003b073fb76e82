import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../base/log.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { DamagedSnapshotError, listSnapshots, readSnapshot, writeSnapshot } from './snapshot-file.ts';

const world = nodeWorld(silent);
const id = { endOffset: 1234, epoch: 7 };
const voters = [
  {
    voterId: 3000,
    directoryId: 'HllWfeZdR5yqNzBKnKG-Wg',
    endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }],
  },
];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-snapshot-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function written(values: readonly Buffer[]): Promise<string> {
  await writeSnapshot(world, folder, { id, timestamp: 99, voters, values });
  return join(folder, '00000000000000001234-0000000007.checkpoint');
}

test('a snapshot reads back as it was written, however many batches it takes', async () => {
  const values = Array.from({ length: 3000 }, (_, i) => Buffer.from(`value ${i} `.repeat(30)));
  await written(values);
  expect(listSnapshots(world, folder)).toEqual([id]);
  const read = readSnapshot(world, folder, id);
  expect(read).toMatchObject({ ...id, timestamp: 99, voters });
  expect([...read.values].map(String)).toEqual(values.map(String));
});

test('a snapshot that is cut off at any byte is not believed', async () => {
  const path = await written([Buffer.from('one'), Buffer.from('two')]);
  const whole = readFileSync(path);
  for (let size = 0; size < whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size));
    expect(() => readSnapshot(world, folder, id)).toThrow(DamagedSnapshotError);
  }
});

test('a snapshot with any byte changed says the same as before, or is not believed', async () => {
  const path = await written([Buffer.from('one'), Buffer.from('two')]);
  const whole = readFileSync(path);
  let believed = 0;
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    writeFileSync(path, changed);
    try {
      expect([...readSnapshot(world, folder, id).values].map(String)).toEqual(['one', 'two']);
      believed += 1;
    } catch (error) {
      if (!(error instanceof DamagedSnapshotError)) throw error;
    }
  }
  // Offset and epoch of its three batches, which no checksum covers and nobody reads.
  expect(believed).toBe(3 * 12);
});

test('what a crash left half written is no snapshot, and is cleared away', () => {
  writeFileSync(join(folder, '00000000000000001234-0000000007.checkpoint.part'), 'half');
  expect(listSnapshots(world, folder)).toEqual([]);
  expect(world.disk.list(folder)).toEqual([]);
});
