import { type ApiError, badRequest } from './api-error.ts';

/** AWS documents no default; its maximum is what most tools ask for. */
const DEFAULT_PAGE = 100;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * One page of a list that is ordered by `key`. The token holds the last key of the page and the list's own
 * parameters, so it stays right when entries come and go, and is refused with another filter.
 */
export function page<T>(
  all: readonly T[],
  options: {
    readonly key: (item: T) => string;
    readonly scope: string;
    readonly maxResults?: number | undefined;
    readonly nextToken?: string | undefined;
  },
): Page<T> | ApiError {
  let start = 0;
  if (options.nextToken !== undefined) {
    const after = decodeToken(options.nextToken, options.scope);
    if (after === null) return badRequest('The nextToken is not one that this list returned.', 'nextToken');
    start = all.findIndex((item) => options.key(item) > after);
    if (start < 0) return { items: [] };
  }
  const end = start + (options.maxResults ?? DEFAULT_PAGE);
  const items = all.slice(start, end);
  const last = items.at(-1);
  return end < all.length && last !== undefined
    ? { items, nextToken: encodeToken(options.key(last), options.scope) }
    : { items };
}

function encodeToken(key: string, scope: string): string {
  return Buffer.from(JSON.stringify([scope, key])).toString('base64url');
}

function decodeToken(token: string, scope: string): string | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return Array.isArray(parts) && parts[0] === scope && typeof parts[1] === 'string' ? parts[1] : null;
}
