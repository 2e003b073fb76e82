import type { MetadataRecord, RecordOf } from './records.ts';

/** Which producer ids were handed out: blocks are allocated in rising order and never again. */
export class ProducerIdsImage {
  static readonly empty = new ProducerIdsImage(0, -1, -1);
  /** The first id of the next block. */
  readonly nextProducerId: number;
  /** Who got the last block. */
  readonly brokerId: number;
  readonly brokerEpoch: number;

  constructor(nextProducerId: number, brokerId: number, brokerEpoch: number) {
    this.nextProducerId = nextProducerId;
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
  }

  replay(record: RecordOf<'ProducerIdsRecord'>): ProducerIdsImage {
    return new ProducerIdsImage(record.nextProducerId, record.brokerId, record.brokerEpoch);
  }

  *records(): IterableIterator<MetadataRecord> {
    if (this.nextProducerId === 0) return;
    yield {
      type: 'ProducerIdsRecord',
      brokerId: this.brokerId,
      brokerEpoch: this.brokerEpoch,
      nextProducerId: this.nextProducerId,
    };
  }
}
