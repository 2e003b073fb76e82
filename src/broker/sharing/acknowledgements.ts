/** Of AcknowledgeTypes: a gap is an offset without a record for consumers. */
export const acknowledgeType = { gap: 0, accept: 1, release: 2, reject: 3, renew: 4 } as const;

export interface AcknowledgementBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** One for all offsets, or one for each. */
  readonly acknowledgeTypes: readonly number[];
}

/** Offsets that follow one another and are acknowledged in the same way, from the start offset on. */
export function runsOf(
  { firstOffset, lastOffset, acknowledgeTypes }: AcknowledgementBatch,
  startOffset: number,
): { firstOffset: number; lastOffset: number; type: number }[] {
  const from = Math.max(firstOffset, startOffset);
  const [only = acknowledgeType.gap] = acknowledgeTypes;
  if (acknowledgeTypes.length === 1) return [{ firstOffset: from, lastOffset, type: only }];
  const runs: { firstOffset: number; lastOffset: number; type: number }[] = [];
  for (let offset = from; offset <= lastOffset; offset++) {
    const type = acknowledgeTypes[offset - firstOffset] ?? acknowledgeType.gap;
    const run = runs.at(-1);
    if (run?.type === type) run.lastOffset = offset;
    else runs.push({ firstOffset: offset, lastOffset: offset, type });
  }
  return runs;
}
