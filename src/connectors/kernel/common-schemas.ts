import { LOGICAL_NAMES, type Schema } from './schema.ts';

/** Schemas that connectors and transforms make records with. */
export const STRING: Schema = { type: 'STRING', optional: false };
export const OPTIONAL_STRING: Schema = { type: 'STRING', optional: true };
export const INT32: Schema = { type: 'INT32', optional: false };
export const OPTIONAL_INT32: Schema = { type: 'INT32', optional: true };
export const INT64: Schema = { type: 'INT64', optional: false };
export const OPTIONAL_INT64: Schema = { type: 'INT64', optional: true };
export const DATE: Schema = { type: 'INT32', optional: false, name: LOGICAL_NAMES.date, version: 1 };
export const OPTIONAL_DATE: Schema = { ...DATE, optional: true };
export const TIME: Schema = { type: 'INT32', optional: false, name: LOGICAL_NAMES.time, version: 1 };
export const OPTIONAL_TIME: Schema = { ...TIME, optional: true };
export const TIMESTAMP: Schema = {
  ...{ type: 'INT64', optional: false },
  ...{ name: LOGICAL_NAMES.timestamp, version: 1 },
};
export const OPTIONAL_TIMESTAMP: Schema = { ...TIMESTAMP, optional: true };
