import { map, optional, string } from '../../control/api/shape.ts';
import { tagKey } from '../../control/api/tag-shapes.ts';

/** The names are parts of ARNs, and those of connectors of topics and groups as well. */
export const NAME = string({
  min: 1,
  max: 128,
  pattern: /^[0-9A-Za-z][0-9A-Za-z._-]*$/,
  says: 'must have letters, digits and . _ - alone, and begin with a letter or a digit',
});
export const DESCRIPTION = optional(string({ max: 1024 }));
export const TAGS = map(tagKey, string({ max: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u }), { max: 50 });
