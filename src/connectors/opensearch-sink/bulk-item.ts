import { errorText, fields } from './answer-fields.ts';

/**
 * What became of one operation of a bulk request: done, or there already in this version or a newer one;
 * worth another try; the document's own fault; or anything else that is wrong, with every document.
 */
export type BulkResult =
  | { readonly type: 'done' }
  | { readonly type: 'again' | 'malformed' | 'failed'; readonly reason: string };

const DONE: BulkResult = { type: 'done' };

/** `item`: `{"index":{"status":…,"error":…}}` of an answer to `_bulk`. */
export function bulkResult(item: unknown): BulkResult {
  const [[action, told] = ['', null]] = Object.entries(fields(item));
  const { status, error } = fields(told);
  const code = Number(status);
  if (code >= 200 && code < 300) return DONE;
  // A delete of what is not there; with a version it was noted.
  if (action === 'delete' && code === 404 && error === undefined) return DONE;
  if (fields(error).type === 'version_conflict_engine_exception' && action !== 'update') return DONE;
  const reason = errorText(error) || `status ${status}`;
  if (code === 429 || code === 409 || code >= 500) return { type: 'again', reason };
  return { type: code === 400 || code === 413 ? 'malformed' : 'failed', reason };
}
