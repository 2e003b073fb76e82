import type { Uuid } from '../base/brand.ts';

/** The one partition that the quorum keeps. Its id is reserved: no topic of the cluster ever has it. */
export const METADATA_TOPIC = '__cluster_metadata';
export const METADATA_TOPIC_ID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const METADATA_PARTITION = 0;
export const METADATA_DIRECTORY = `${METADATA_TOPIC}-${METADATA_PARTITION}`;
