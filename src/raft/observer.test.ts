import { expect, test } from 'vitest';
import type { DiskFaults } from '../../sim/disk-faults.ts';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import { type Disk, DiskError } from '../base/disk.ts';
import type { ResponseOf } from '../protocol/api.ts';
import { errorCode } from '../protocol/errors.ts';
import { fetch } from '../protocol/messages/01-fetch.ts';
import { Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { METADATA_DIRECTORY, METADATA_TOPIC_ID } from './metadata-topic.ts';
import { RaftObserver } from './observer.ts';
import { readQuorumState } from './quorum-state.ts';
import type { RaftConnection } from './raft-connection.ts';

const VERSION = 17;
const LEADER = { leaderId: 3000, leaderEpoch: 7 };

/** An observer of a leader whose epoch is new to it, and whose log is empty. */
class Bench {
  readonly simulation = new Simulation(1);
  readonly #host = this.simulation.host('broker');
  /** Whether the process has as many files open as it may. */
  hasNoDescriptors = false;
  readonly #world = { ...this.#host.world, disk: this.#diskOf(this.#host.world.disk) };
  /** The epoch that each fetch went by, with the one that a restart at that moment would have found. */
  readonly fetches: { readonly epoch: number; readonly stored: number }[] = [];
  fatal: Error | null = null;

  readonly observer = new RaftObserver(this.#world, {
    nodeId: 1,
    clusterId: '4L6g3nShT-eMCtK--X86sw',
    directoryId: METADATA_TOPIC_ID,
    dataDirectory: '/data',
    connect: async () => this.#connection(),
    listener: { onCommitted() {}, onSnapshot() {}, snapshot: () => null },
    onFatal: (error) => {
      this.fatal = error;
    },
  });

  #diskOf(disk: Disk): Disk {
    return new Proxy(disk, {
      get: (_, name) => {
        const value: unknown = Reflect.get(disk, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          if (name === 'open' && this.hasNoDescriptors)
            throw new DiskError('EMFILE', String(given[0]), 'open');
          return Reflect.apply(value, disk, given);
        };
      },
    });
  }

  harm(faults: Partial<DiskFaults>): void {
    Object.assign(this.#host.faults, faults);
  }

  get stored(): number {
    return readQuorumState(this.#host.world, `/data/${METADATA_DIRECTORY}`).leaderEpoch;
  }

  #connection(): RaftConnection {
    return {
      send: async (api, request) => {
        await sleep(this.#world.clock, 5);
        const asked = through(api.request(VERSION), fetch.request(VERSION), request);
        const epoch = asked.topics[0]?.partitions[0]?.currentLeaderEpoch ?? -1;
        this.fetches.push({ epoch, stored: this.stored });
        return through(fetch.response(VERSION), api.response(VERSION), answer(epoch));
      },
      close: () => {},
    };
  }
}

/** What a leader answers to who fetches in this epoch. */
function answer(epoch: number): ResponseOf<typeof fetch> {
  const partition = {
    partitionIndex: 0,
    errorCode: errorCode(epoch === LEADER.leaderEpoch ? 'NONE' : 'FENCED_LEADER_EPOCH'),
    highWatermark: 0,
    currentLeader: LEADER,
    abortedTransactions: [],
    records: null,
  };
  return { errorCode: 0, responses: [{ topicId: METADATA_TOPIC_ID, partitions: [partition] }] };
}

/** The message as one with the other codec of the same API reads it. */
function through<In, Out>(
  writing: { encode(writer: Writer, message: In): void },
  reading: { decode(reader: Reader): Out },
  message: In,
): Out {
  const writer = new Writer();
  writing.encode(writer, message);
  return reading.decode(new Reader(writer.done()));
}

test('an epoch is obeyed when it is on the device; a full disk holds that up', async () => {
  const bench = new Bench();
  const { simulation, fetches, observer } = bench;
  await simulation.run(async () => {
    bench.harm({ capacityBytes: 0 });
    observer.start();
    await simulation.until(() => fetches.length > 3, 10_000);
    bench.harm({ capacityBytes: Number.POSITIVE_INFINITY });
    await simulation.until(() => bench.stored === LEADER.leaderEpoch && fetches.at(-1)?.epoch === 7, 60_000);
    await observer.stop();
  });
  expect(fetches.filter(({ epoch, stored }) => epoch > stored)).toEqual([]);
  expect(bench.fatal).toBeNull();
});

test('while the disk is full, the leader is asked less and less often, and soon once there is room', async () => {
  const bench = new Bench();
  const { simulation, fetches, observer } = bench;
  await simulation.run(async () => {
    bench.harm({ capacityBytes: 0 });
    observer.start();
    await sleep(simulation.clock, 60_000);
    // Every 50 ms it would be 1,200.
    expect(fetches.length).toBeLessThan(100);
    bench.harm({ capacityBytes: Number.POSITIVE_INFINITY });
    await simulation.until(() => fetches.at(-1)?.epoch === 7, 3_000, 'it obeys the epoch');
    await observer.stop();
  });
});

test('a process that has no descriptors left goes on when it has some', async () => {
  const bench = new Bench();
  const { simulation, fetches, observer } = bench;
  await simulation.run(async () => {
    bench.hasNoDescriptors = true;
    observer.start();
    await simulation.until(() => fetches.length > 3 || bench.fatal !== null, 10_000);
    bench.hasNoDescriptors = false;
    await simulation.until(() => fetches.at(-1)?.epoch === 7 || bench.fatal !== null, 60_000);
    await observer.stop();
  });
  expect(bench.fatal).toBeNull();
  expect(fetches.filter(({ epoch, stored }) => epoch > stored)).toEqual([]);
});

test('where it cannot be stored because the disk fails, nothing more is followed', async () => {
  const bench = new Bench();
  await bench.simulation.run(async () => {
    bench.harm({ writeEio: 1 });
    bench.observer.start();
    await bench.simulation.until(() => bench.fatal !== null, 10_000);
    await bench.observer.stop();
  });
  expect(bench.fatal?.message).toBe('epoch 7 of the quorum was not stored');
});
