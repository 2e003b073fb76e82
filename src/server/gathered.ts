/**
 * Parts smaller than this are copied together: below it a part of its own costs a write more than the copy.
 */
const SMALL_BYTES = 4096;

/** Neighbouring small parts as one; many small answers then leave as one buffer. */
export function gathered(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length < 2) return parts;
  const out: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  const endRun = () => {
    const [first] = run;
    if (first) out.push(run.length === 1 ? first : Buffer.concat(run));
    run = [];
  };
  for (const part of parts) {
    if (part.length < SMALL_BYTES) {
      run.push(part);
      continue;
    }
    endRun();
    out.push(part);
  }
  endRun();
  return out;
}
