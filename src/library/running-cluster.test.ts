import { expect, test } from 'vitest';
import { DiskError, type File } from '../base/disk.ts';
import { silent } from '../base/log.ts';
import type { World } from '../base/world.ts';
import { KafkaConnection } from '../client/connection.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { produce } from '../protocol/messages/00-produce.ts';
import { buildBatch } from '../protocol/records/record.ts';
import { RunningCluster } from './running-cluster.ts';
import { readOptions } from './settings.ts';

const eio = (path: string): Error => new DiskError('EIO', path, 'write');

/**
 * A world whose device fails under the files of these folders, or under files of these names, once it was
 * told to.
 */
function failingWorld(fail: (path: string) => Error = eio): {
  world: World;
  failUnder(name: string): void;
} {
  const real = nodeWorld(silent);
  const failing: string[] = [];
  const check = (path: string): void => {
    if (failing.some((name) => path.includes(`/${name}`))) throw fail(path);
  };
  const faulty = (file: File): File => ({
    path: file.path,
    size: () => file.size(),
    readNow: (at, into) => file.readNow(at, into),
    read: (at, into) => file.read(at, into),
    appendNow: (parts) => {
      check(file.path);
      return file.appendNow(parts);
    },
    writeNow: (at, bytes) => file.writeNow(at, bytes),
    sync: async () => {
      check(file.path);
      return file.sync();
    },
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  });
  const { disk } = real;
  return {
    failUnder: (name) => failing.push(name),
    world: {
      ...real,
      disk: {
        open: (path, mode) => faulty(disk.open(path, mode)),
        exists: (path) => disk.exists(path),
        list: (path) => disk.list(path),
        makeDirectory: (path) => disk.makeDirectory(path),
        rename: (from, to) => disk.rename(from, to),
        remove: (path) => disk.remove(path),
        removeDirectory: (path) => disk.removeDirectory(path),
        syncDirectory: (path) => disk.syncDirectory(path),
        space: (path) => disk.space(path),
      },
    },
  };
}

async function write(world: World, address: string): Promise<void> {
  const [host = '', port] = address.split(':');
  const connection = await KafkaConnection.connect(world, {
    host,
    port: Number(port),
    clientId: 'test',
    timeoutMs: 60_000,
  });
  try {
    const records = buildBatch({ records: [{ timestamp: 0, key: null, value: Buffer.from('lost') }] });
    await connection.send(
      produce,
      {
        transactionalId: null,
        acks: 1,
        timeoutMs: 60_000,
        topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
      },
      { version: 9 },
    );
  } finally {
    connection.close();
  }
}

test('closed rejects with the reason when a broker dies; stop still works, and the cluster can be asked to stop twice', async () => {
  const { world, failUnder } = failingWorld();
  const cluster = await RunningCluster.start(world, readOptions({ topics: ['t'] }), 'here');
  failUnder('broker-1');
  const said = cluster.closed.then(
    () => 'closed',
    (error: Error) => error.message,
  );
  await write(world, cluster.bootstrap).catch(() => {});
  expect(await said).toMatch(/^Broker 1 of this cluster died: .*EIO/);
  await cluster.stop();
  await cluster.stop();
});

test('closed rejects when the controller dies, and its end is no unhandled rejection of the process', async () => {
  const { world, failUnder } = failingWorld();
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  try {
    const cluster = await RunningCluster.start(world, readOptions({ brokers: 2 }), 'here');
    failUnder('controller');
    const { closed } = cluster;
    void cluster.createTopics(['t']).catch(() => {});
    await expect(closed).rejects.toThrow(/^The controller of this cluster died: /);
    await cluster.stop();
    await new Promise((done) => setTimeout(done, 0));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', listener);
  }
});

const ourMistake = (): Error => new TypeError('a mistake of ours');

test('closed rejects with the reason when the code of a broker is wrong where records are written', async () => {
  const { world, failUnder } = failingWorld(ourMistake);
  const cluster = await RunningCluster.start(world, readOptions({ brokers: 1, topics: ['t'] }), 'here');
  failUnder('t-0');
  const said = cluster.closed.catch((error: Error) => error.message);
  await write(world, cluster.bootstrap).catch(() => {});
  expect(await said).toBe('Broker 1 of this cluster died: a mistake of ours');
  await cluster.stop();
});

test('and where a timer does what nobody waits for', async () => {
  const { world, failUnder } = failingWorld(ourMistake);
  const config = { 'replica.high.watermark.checkpoint.interval.ms': '50' };
  const cluster = await RunningCluster.start(
    world,
    readOptions({ brokers: 1, topics: ['t'], config }),
    'here',
  );
  failUnder('replication-offset-checkpoint');
  // It moves the high watermark, which the timer writes.
  await write(world, cluster.bootstrap).catch(() => {});
  await expect(cluster.closed).rejects.toThrow('Broker 1 of this cluster died: a mistake of ours');
  await cluster.stop();
});
