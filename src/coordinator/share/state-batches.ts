import type { StateBatch } from './records.ts';

/**
 * The batches of a share partition after others are laid over them: where they overlap, the newer ones count.
 * What lies before the start offset is left out, and neighbours that say the same become one. Both lists are
 * in the order of their offsets and without overlaps of their own, and so is the result.
 */
export function combineBatches(
  older: readonly StateBatch[],
  newer: readonly StateBatch[],
  startOffset: number,
): StateBatch[] {
  const all = [...uncovered(older, newer), ...newer].sort((a, b) => a.firstOffset - b.firstOffset);
  const combined: StateBatch[] = [];
  for (const batch of all) {
    const firstOffset = Math.max(batch.firstOffset, startOffset);
    if (firstOffset > batch.lastOffset) continue;
    const before = combined.at(-1);
    if (before && before.lastOffset + 1 === firstOffset && saysTheSame(before, batch))
      combined[combined.length - 1] = { ...before, lastOffset: batch.lastOffset };
    else combined.push({ ...batch, firstOffset });
  }
  return combined;
}

/** What is left of the older batches where no newer one lies. */
function uncovered(older: readonly StateBatch[], newer: readonly StateBatch[]): StateBatch[] {
  const left: StateBatch[] = [];
  let next = 0;
  for (const batch of older) {
    let from = batch.firstOffset;
    while ((newer[next]?.lastOffset ?? Number.POSITIVE_INFINITY) < from) next += 1;
    for (let i = next; i < newer.length; i++) {
      const over = newer[i];
      if (!over || over.firstOffset > batch.lastOffset) break;
      if (over.firstOffset > from)
        left.push({ ...batch, firstOffset: from, lastOffset: over.firstOffset - 1 });
      from = Math.max(from, over.lastOffset + 1);
    }
    if (from <= batch.lastOffset) left.push({ ...batch, firstOffset: from });
  }
  return left;
}

function saysTheSame(one: StateBatch, other: StateBatch): boolean {
  return one.deliveryState === other.deliveryState && one.deliveryCount === other.deliveryCount;
}
