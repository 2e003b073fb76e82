import { ANY_CHARACTERS, literal, type Wildcard } from './wildcard.ts';
import { matchesWildcard } from './wildcard-match.ts';

/** arn, partition, service, region, account, and all the rest. */
const SEGMENTS = 6;
/** Those of patterns that were compared already: a policy's are compared with each request. */
const KNOWN = new WeakMap<Wildcard, readonly Wildcard[]>();

/**
 * Whether the pattern of a Resource describes the ARN. A pattern of all six segments is compared segment by
 * segment, so that what it says of a topic is never found in the name of a group; one of fewer segments, as
 * `arn:aws:kafka:*`, describes the whole, since a `*` that ends a segment may match beyond it. With `isWide`
 * the first kind is compared as the second, too: for what must not be missed.
 */
export function describesArn(
  pattern: Wildcard,
  arn: ArnInSegments,
  { isWide }: { readonly isWide: boolean },
): boolean {
  if (pattern.length === 1 && pattern[0] === ANY_CHARACTERS) return true;
  const segments = segmentsOf(pattern);
  if (segments.length < SEGMENTS) return matchesWildcard(pattern, arn.text);
  return describesSegments(segments, arn) || (isWide && matchesWildcard(pattern, arn.text));
}

/** As ArnEquals and ArnLike compare: each of the six segments by itself. */
export function isArnLike(pattern: Wildcard, arn: string): boolean {
  const segments = segmentsOf(pattern);
  return segments.length === SEGMENTS && describesSegments(segments, arnInSegments(arn));
}

/** An ARN that is compared with many patterns. */
export interface ArnInSegments {
  readonly text: string;
  /** Six, of which the last one is all the rest; null where there are fewer. */
  readonly segments: readonly string[] | null;
}

export function arnInSegments(text: string): ArnInSegments {
  const parts = text.split(':');
  if (parts.length < SEGMENTS) return { text, segments: null };
  return { text, segments: [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(':')] };
}

function describesSegments(patterns: readonly Wildcard[], { segments }: ArnInSegments): boolean {
  if (!segments) return false;
  // Backwards: most patterns differ in the last segment.
  for (let index = SEGMENTS - 1; index >= 0; index--)
    if (!matchesWildcard(patterns[index] ?? [], segments[index] ?? '')) return false;
  return true;
}

/** At most six: the last one is all the rest. */
function segmentsOf(pattern: Wildcard): readonly Wildcard[] {
  const known = KNOWN.get(pattern);
  if (known) return known;
  const segments: Wildcard[] = [];
  let segment: Wildcard = [];
  for (const part of pattern) {
    let rest: Wildcard[number] = part;
    while (typeof rest === 'string' && segments.length < SEGMENTS - 1) {
      const end = rest.indexOf(':');
      if (end < 0) break;
      segments.push([...segment, ...literal(rest.slice(0, end))]);
      segment = [];
      rest = rest.slice(end + 1);
    }
    const last: Wildcard = typeof rest === 'string' ? literal(rest) : [rest];
    segment = [...segment, ...last];
  }
  const all = [...segments, segment];
  KNOWN.set(pattern, all);
  return all;
}
