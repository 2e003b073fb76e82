import type { RecordErrorName } from '../protocol/records/record-error.ts';

/** Why a client's batch is refused. */
export interface AppendProblem {
  readonly error: RecordErrorName | 'MESSAGE_TOO_LARGE' | 'INVALID_TIMESTAMP' | 'REQUEST_TIMED_OUT';
  readonly message: string;
  /** The records that the batch was refused for (KIP-467); none when it is the batch itself that is wrong. */
  readonly recordErrors?: readonly RecordProblem[];
}

export interface RecordProblem {
  readonly batchIndex: number;
  readonly message: string;
}
