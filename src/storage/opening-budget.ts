import { MAX_DECOMPRESSED_BYTES } from '../protocol/records/record.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import type { AppendProblem } from './append-problem.ts';

/**
 * A compressed byte counts as this many of what comes out, at least: to open many small pieces takes its time
 * even where next to nothing comes out. 1 MB of the smallest that codecs allow takes 8 (zstd) to 15 ms
 * (snappy), and what comes out 2 ms a MB; two batches of 16 MB, which producers are known to be set to, fit
 * into a request.
 */
const STORED_BYTE_COSTS = 4;

/**
 * How much may be opened for one request, in one turn of the loop: what a single batch may unfold to. A
 * request of 100 MB could hold batches that unfold to terabytes, and nobody else would be served meanwhile.
 */
export class OpeningBudget {
  #left = MAX_DECOMPRESSED_BYTES;
  #opened: Buffer | null = null;

  /**
   * What `open` returns of a batch, or why it cannot be had. Where the request has used up its share, that is
   * an error after which its producer sends the batch again. The batch that was opened last may be opened
   * once more, whatever is left: a topic may need to see its keys and to compress it otherwise, and a batch
   * for which the whole share is too little would be sent again forever.
   */
  open(batch: Buffer, open: () => Buffer): Buffer | AppendProblem {
    if (this.#left <= 0 && batch !== this.#opened)
      return {
        error: 'REQUEST_TIMED_OUT',
        message: 'The compressed batches of the request are too large together: send this one again.',
      };
    try {
      const opened = open();
      this.#opened = batch;
      this.#left -= Math.max(opened.length, batch.length * STORED_BYTE_COSTS);
      return opened;
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      this.#left = 0;
      return { error: error.error, message: error.message };
    }
  }
}
