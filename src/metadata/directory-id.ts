import type { Uuid } from '../base/brand.ts';

/**
 * Reserved ids of log directories (KIP-858): not an id of any folder, but what is known about where a replica
 * lies.
 */
export const UNASSIGNED_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const LOST_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAg';
export const MIGRATING_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA';
