import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { MemoryLog } from '../../../test/coordinator/memory-log.ts';
import { errorName } from '../../protocol/errors.ts';

describe('another coordinator takes over', () => {
  test('and members go on as if nothing had happened', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const before = await bench.describe();
    await bench.commit(9, { memberId: memberIds[0], generation });
    await bench.failOver();
    expect(await bench.describe()).toEqual(before);
    for (const memberId of memberIds) expect(await bench.heartbeat(memberId, generation)).toBe('NONE');
    expect(await bench.commit(10, { memberId: memberIds[1], generation })).toBe('NONE');
    expect(await bench.committed()).toBe(10);
  });

  test('and members that do not come to it are missed after their session', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    await bench.failOver();
    await bench.clock.advance(9000);
    expect(await bench.heartbeat(memberIds[0] ?? '', generation)).toBe('NONE');
    await bench.clock.advance(1000);
    expect(await bench.heartbeat(memberIds[0] ?? '', generation)).toBe('REBALANCE_IN_PROGRESS');
  });

  test('and a generation whose assignment was not committed is as if it had not been', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({});
    const [memberId = ''] = memberIds;
    const rejoined = await bench.join({ memberId }).done;
    bench.log.held = true;
    const sync = bench.sync(memberId, rejoined.generationId ?? -1, { [memberId]: 'new' });
    await settle();
    await bench.failOver();
    expect((await sync.done).error).toBe('NOT_COORDINATOR');
    expect(await bench.heartbeat(memberId, rejoined.generationId ?? -1)).toBe('ILLEGAL_GENERATION');
    expect(await bench.heartbeat(memberId, generation)).toBe('NONE');
  });

  test('requests that wait in a join are sent to it', async () => {
    const bench = await GroupBench.elected();
    const { join } = await bench.enter();
    bench.coordinator.runtime.onResignation(0);
    expect((await join.done).error).toBe('NOT_COORDINATOR');
  });

  test('a group larger than group.max.size is asked to join again, and the last ones are out', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {}, {});
    Object.assign(bench.config, { maxSize: 2 });
    await bench.failOver();
    await bench.clock.advance(1);
    expect(await bench.heartbeat(memberIds[0] ?? '', generation)).toBe('REBALANCE_IN_PROGRESS');
    const joins = memberIds.map((memberId) => bench.join({ memberId }));
    await bench.clock.advance(60_000);
    expect(joins.map(({ answer }) => answer?.error)).toEqual(['NONE', 'NONE', 'GROUP_MAX_SIZE_REACHED']);
  });
});

describe('a member that offers more than a group can hold', () => {
  const word = (metadata: Buffer) => ({ name: 'range', metadata });

  test.each([
    [
      'a hundred thousand ways to assign',
      Array.from({ length: 100_000 }, (_, i) => ({ ...word(Buffer.of(1)), name: `${i}` })),
    ],
    ['metadata of 50 MB', [word(Buffer.alloc(50 * 1024 * 1024))]],
    ['metadata of 5 MB in two ways', [1, 2].map((i) => ({ ...word(Buffer.alloc(2_500_000)), name: `${i}` }))],
  ])('is refused, and kept nowhere: %s', async (_, protocols) => {
    const bench = await GroupBench.elected();
    expect((await bench.join({ protocols }).done).error).toBe('INVALID_REQUEST');
    expect(await bench.describe()).toMatchObject({ groupState: 'Dead', members: [] });
  });

  test('and one that subscribes to ten thousand topics is not', async () => {
    const bench = await GroupBench.elected();
    const joined = await bench.join({
      protocols: [word(Buffer.alloc(1_000_000)), { ...word(Buffer.alloc(1_000_000)), name: 'sticky' }],
    }).done;
    expect(joined.error).toBe('MEMBER_ID_REQUIRED');
  });
});

describe('while a partition is loaded', () => {
  test('heartbeats are good, so that nobody joins again for it; all else waits', async () => {
    const bench = new GroupBench();
    bench.coordinator.runtime.onElection(0, 0, bench.log);
    const heartbeat = bench.heartbeat('m', 1);
    const join = bench.join({ memberId: 'm' });
    const commit = bench.commit(1);
    const committed = bench.committed();
    const list = bench.coordinator.descriptions.list({ statesFilter: [], typesFilter: [] });
    expect(await heartbeat).toBe('NONE');
    expect((await join.done).error).toBe('COORDINATOR_LOAD_IN_PROGRESS');
    expect(await commit).toBe('COORDINATOR_LOAD_IN_PROGRESS');
    expect(await committed).toBe('COORDINATOR_LOAD_IN_PROGRESS');
    expect(errorName((await list).errorCode)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  });
});

describe('a broker that does not lead the partition', () => {
  test('says NOT_COORDINATOR, and lists no groups', async () => {
    const bench = new GroupBench();
    expect((await bench.join().done).error).toBe('NOT_COORDINATOR');
    expect((await bench.sync('m', 1).done).error).toBe('NOT_COORDINATOR');
    expect(await bench.heartbeat('m', 1)).toBe('NOT_COORDINATOR');
    expect(await bench.commit(1)).toBe('NOT_COORDINATOR');
    expect(await bench.committed()).toBe('NOT_COORDINATOR');
    expect(errorName((await bench.describe()).errorCode)).toBe('NOT_COORDINATOR');
    expect(await bench.coordinator.descriptions.list({ statesFilter: [], typesFilter: [] })).toEqual({
      errorCode: 0,
      groups: [],
    });
  });
});

describe('tools', () => {
  test('see a stable group with what its members said, and a joining one without', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({});
    expect(await bench.describe()).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      members: [{ clientId: 'client', clientHost: '/10.0.0.1', memberAssignment: Buffer.from('0') }],
    });
    await bench.enter();
    const joining = await bench.describe();
    expect(joining).toMatchObject({ groupState: 'PreparingRebalance', protocolData: '' });
    expect(joining.members.every(({ memberMetadata }) => memberMetadata.length === 0)).toBe(true);
  });

  test('are told that a group is not there: Dead, from version 6 on as an error (KIP-1043)', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.describe('none', 5)).toMatchObject({ groupState: 'Dead', errorCode: 0 });
    const described = await bench.describe('none', 6);
    expect(errorName(described.errorCode)).toBe('GROUP_ID_NOT_FOUND');
    expect(described.errorMessage).toBe('Group none not found.');
  });

  test('list groups by state and type, whatever the case', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({});
    await bench.commit(1, { group: 'simple' });
    const list = async (statesFilter: string[], typesFilter: string[] = []) =>
      (await bench.coordinator.descriptions.list({ statesFilter, typesFilter })).groups.map(
        ({ groupId }) => groupId,
      );
    expect(await list([])).toEqual(['app', 'simple']);
    expect(await list(['stable'])).toEqual(['app']);
    expect(await list([' EMPTY '])).toEqual(['simple']);
    expect(await list([], ['CLASSIC'])).toEqual(['app', 'simple']);
    expect(await list([], ['consumer'])).toEqual([]);
  });

  test('have each word of a filter read once, however many partitions are coordinated here', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({});
    for (let partition = 1; partition < 20; partition++)
      bench.coordinator.runtime.onElection(partition, 0, new MemoryLog());
    await settle();
    let reads = 0;
    const statesFilter = Object.defineProperty(['', 'stable'], 0, {
      get: () => {
        reads++;
        return 'Dead';
      },
    });
    const { groups } = await bench.coordinator.descriptions.list({ statesFilter, typesFilter: [] });
    expect(groups.map(({ groupId }) => groupId)).toEqual(['app']);
    expect(reads).toBe(1);
  });

  test('find each group at the leader of one partition', async () => {
    const bench = await GroupBench.elected();
    expect(bench.coordinator.runtime.partitionFor('anything')).toBe(0);
    expect(bench.coordinator.runtime.isActive(0)).toBe(true);
    expect(bench.coordinator.runtime.isActive(1)).toBe(false);
  });
});

describe('a log with records of newer brokers', () => {
  test('is loaded, and what is unknown is left alone', async () => {
    const bench = new GroupBench();
    const log = new MemoryLog();
    log.append([{ key: Buffer.from([0x7f, 0x00, 1, 2, 3]), value: Buffer.from('?') }]);
    bench.log = log;
    await bench.elect();
    expect(await bench.commit(1)).toBe('NONE');
  });
});
