import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { sleep } from '../../base/clock.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { completeMetadataRecord } from '../../metadata/records.ts';
import { brokerRecords, imageOf } from '../testing/three-brokers.ts';
import { RecentFencings } from './recent-fencings.ts';

const BROKER = 2;
const EPOCH = 2;
const NEXT_EPOCH = 12;

/** What one broker is told of another, which lives, one record after the other. */
class Told {
  readonly fencings: RecentFencings;
  #image: ClusterImage = imageOf(...brokerRecords);

  constructor(simulation: Simulation) {
    this.fencings = new RecentFencings(simulation.clock);
  }

  tell(record: EncodableMetadataRecord): void {
    const delta = new ImageDelta(this.#image);
    delta.replay(completeMetadataRecord(record));
    this.#image = delta.apply({ offset: 9, epoch: 1, timestamp: 0 });
    this.fencings.onImage(delta);
  }

  change(change: { fenced?: number; inControlledShutdown?: number }): void {
    this.tell({
      type: 'BrokerRegistrationChangeRecord',
      brokerId: BROKER,
      brokerEpoch: EPOCH,
      fenced: 0,
      inControlledShutdown: 0,
      logDirs: [],
      ...change,
    });
  }

  get isRecent(): boolean {
    return this.fencings.has(BROKER);
  }
}

async function told(run: (told: Told, simulation: Simulation) => Promise<void> | void): Promise<void> {
  const simulation = new Simulation(1);
  await simulation.run(async () => run(new Told(simulation), simulation));
}

test('a broker that died is told to clients for nine seconds more, also while it is registered again', () =>
  told(async (one, { clock }) => {
    expect(one.isRecent).toBe(false);
    one.change({ fenced: 1 });
    expect(one.isRecent).toBe(true);
    await sleep(clock, 5_000);
    const [, registration] = brokerRecords;
    if (registration?.type !== 'RegisterBrokerRecord') expect.fail('no broker 2');
    one.tell({ ...registration, brokerEpoch: NEXT_EPOCH, fenced: true });
    expect(one.isRecent).toBe(true);
    await sleep(clock, 4_001);
    expect(one.isRecent).toBe(false);
  }));

test('a broker that is unfenced, or unregistered, was not fenced recently', () =>
  told((one) => {
    one.change({ fenced: 1 });
    one.change({ fenced: -1 });
    expect(one.isRecent).toBe(false);
    one.change({ fenced: 1 });
    one.tell({ type: 'UnregisterBrokerRecord', brokerId: BROKER, brokerEpoch: EPOCH });
    expect(one.isRecent).toBe(false);
  }));

test('a broker that stops by itself leaves Metadata at once', () =>
  told((one) => {
    one.change({ inControlledShutdown: 1 });
    one.change({ fenced: 1 });
    expect(one.isRecent).toBe(false);
  }));
