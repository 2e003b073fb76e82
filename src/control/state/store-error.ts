import { Refused } from '../../base/refused.ts';

/**
 * A store does not take (or give) what was wanted, and nothing of it happened. `NOT_STORED`: its disk is full
 * or fails, or the file is not sound; the same may go well later. `FULL`: the store would hold more than it
 * is for.
 */
export class StoreError extends Refused<'NOT_STORED' | 'FULL'> {}
