import type { ErrorName } from '../../protocol/errors.ts';

/** Why the share coordinator did not do what it was asked for. */
export interface StoreError {
  readonly error: ErrorName;
  readonly message: string | null;
}
