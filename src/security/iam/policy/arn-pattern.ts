import { ANY_CHARACTERS, matchesWildcard, type Wildcard } from './wildcard.ts';

/** arn, partition, service, region, account, and all the rest. */
const SEGMENTS = 6;
const COLON = ':'.charCodeAt(0);

/**
 * Whether the pattern of a Resource describes the ARN. A pattern of all six segments is compared segment by
 * segment, so that what it says of a topic is never found in the name of a group; one of fewer segments, as
 * `arn:aws:kafka:*`, describes the whole, since a `*` that ends a segment may match beyond it. With `isWide`
 * the first kind is compared as the second, too: for what must not be missed.
 */
export function describesArn(
  pattern: Wildcard,
  arn: string,
  { isWide }: { readonly isWide: boolean },
): boolean {
  if (pattern.length === 1 && pattern[0] === ANY_CHARACTERS) return true;
  const segments = segmentsOf(pattern);
  if (segments.length < SEGMENTS) return matchesWildcard(pattern, arn);
  return describesSegments(segments, arn) || (isWide && matchesWildcard(pattern, arn));
}

/** As ArnEquals and ArnLike compare: each of the six segments by itself. */
export function isArnLike(pattern: Wildcard, arn: string): boolean {
  const segments = segmentsOf(pattern);
  return segments.length === SEGMENTS && describesSegments(segments, arn);
}

function describesSegments(segments: readonly Wildcard[], arn: string): boolean {
  const parts = arn.split(':');
  if (parts.length < SEGMENTS) return false;
  const all = [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(':')];
  return all.every((part, index) => matchesWildcard(segments[index] ?? [], part));
}

/** At most six: the last one is all the rest. */
function segmentsOf(pattern: Wildcard): readonly Wildcard[] {
  const segments: Wildcard[] = [];
  let start = 0;
  while (segments.length < SEGMENTS - 1) {
    const end = pattern.indexOf(COLON, start);
    if (end < 0) break;
    segments.push(pattern.slice(start, end));
    start = end + 1;
  }
  return [...segments, pattern.slice(start)];
}
