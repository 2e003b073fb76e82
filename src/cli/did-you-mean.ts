import { nearest } from '../base/nearest.ts';

/** ` Did you mean orders?` behind a sentence about a name that is not there; empty when no other is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(
    name,
    known.filter((one) => one !== name),
  );
  return near === null ? '' : ` Did you mean ${near}?`;
}
