import { data } from '../../protocol/data.ts';
import { array, int8, int16, int32, offset, string } from '../../protocol/field.ts';

export const transactionLogKey = data({
  name: 'TransactionLogKey',
  versions: [0, 0],
  fields: {
    transactionalId: string,
  },
});

export const transactionLogValue = data({
  name: 'TransactionLogValue',
  versions: [0, 1],
  flexible: 1,
  fields: {
    producerId: offset,
    previousProducerId: offset.since(1).default(-1).tagged(0),
    nextProducerId: offset.since(1).default(-1).tagged(1),
    producerEpoch: int16,
    nextProducerEpoch: int16.since(1).default(-1).tagged(3),
    transactionTimeoutMs: int32,
    // 0 empty, 1 ongoing, 2 and 3 prepared to commit and abort, 4 and 5 committed and aborted, 6 dead.
    transactionStatus: int8,
    // Null when there are none.
    transactionPartitions: array({
      topic: string,
      partitionIds: array(int32),
    }).nullable(),
    transactionLastUpdateTimestampMs: offset,
    transactionStartTimestampMs: offset,
    clientTransactionVersion: int16.since(1).default(0).tagged(2),
  },
});
