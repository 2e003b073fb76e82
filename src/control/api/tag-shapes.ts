import { map, string } from './shape.ts';

export const tagKey = string({
  min: 1,
  max: 128,
  pattern: /^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
  says: 'has a key that is not allowed: letters, digits, spaces and _ . : / = + - @ are, a beginning of "aws:" in whatever case is not',
});

/** What one request may bring; how many a resource may have is the store's to check. */
export const tags = map(tagKey, string({ max: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u }), { max: 50 });
