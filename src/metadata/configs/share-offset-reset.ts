import type { Validate } from './config-key.ts';
import { invalidValue } from './invalid-value.ts';
import { javaDurationMs } from './java-duration.ts';

/** Where a share group begins: at a name's place, or at the records of a time before now. */
type ShareOffsetReset = 'latest' | 'earliest' | { readonly ageMs: number };

const BY_DURATION = 'by_duration:';

/** `share.auto.offset.reset` (KIP-932) as Kafka reads it; null when it is none. The age may be negative. */
export function readShareOffsetReset(text: string): ShareOffsetReset | null {
  if (text === 'latest' || text === 'earliest') return text;
  if (!text.startsWith(BY_DURATION)) return null;
  const ageMs = javaDurationMs(text.slice(BY_DURATION.length));
  return ageMs === null ? null : { ageMs };
}

export const shareOffsetReset: Validate = (value, name) => {
  const reset = readShareOffsetReset(String(value));
  if (reset === null)
    return invalidValue(
      name,
      value,
      "Expected 'latest', 'earliest' or 'by_duration:PnDTnHnMn.nS' where the duration is in ISO 8601",
    );
  return typeof reset === 'object' && reset.ageMs < 0
    ? invalidValue(name, value, 'Negative duration is not supported')
    : null;
};
