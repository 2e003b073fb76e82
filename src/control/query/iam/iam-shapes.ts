import { integerText, list, optional, string, structure } from '../../api/shape.ts';

const NAME_PATTERN = /^[\w+=,.@-]+$/;
const NAME_SAYS = 'may have letters, digits and the characters _ + = , . @ -';

export const USER_NAME = string({ min: 1, max: 64, pattern: NAME_PATTERN, says: NAME_SAYS });
export const ROLE_NAME = string({ min: 1, max: 64, pattern: NAME_PATTERN, says: NAME_SAYS });
export const POLICY_NAME = string({ min: 1, max: 128, pattern: NAME_PATTERN, says: NAME_SAYS });
export const PATH = string({
  min: 1,
  max: 512,
  // In this form it is part of ARNs; IAM itself also takes parts that are empty.
  pattern: /^\/(?:[!-.0-~]+\/){0,64}$/,
  says: 'begins and ends with a slash, and has up to 64 parts that are not empty',
});
export const PATH_PREFIX = string({
  min: 1,
  max: 512,
  pattern: /^\/[!-~]*$/,
  says: 'begins with a slash',
});
export const DOCUMENT = string({ min: 1, max: 131_072 });
export const DESCRIPTION = string({ max: 1_000 });
export const POLICY_ARN = string({ min: 20, max: 2048 });

const TAG_KEY = string({ min: 1, max: 128, pattern: /^(?!aws:)/i, says: 'may not begin with aws:' });
export const TAG_LIST = list(structure({ Key: TAG_KEY, Value: string({ max: 256 }) }), { max: 50 });
export const TAG_KEYS = list(TAG_KEY, { max: 50 });

export const PAGE = {
  Marker: optional(string({ min: 1, max: 4096 })),
  MaxItems: optional(integerText({ min: 1, max: 1000 })),
};

export function tagsOf(
  tags: readonly { readonly Key: string; readonly Value: string }[] = [],
): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** As answers have them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Documents travel percent-encoded in answers of IAM. */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document);
}
