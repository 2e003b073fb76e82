import { isApiError } from '../../aws/api-error.ts';
import { page } from '../../aws/paging.ts';
import { QueryError } from '../query-error.ts';

/** One page of a list under its name in the answer; `key` says the order that the list has. */
export function iamPage<T>(
  name: string,
  all: readonly T[],
  key: (item: T) => string,
  { Marker, MaxItems }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
  shown: (item: T) => unknown,
): object | QueryError {
  const found = page(all, { key, scope: name, maxResults: MaxItems, nextToken: Marker });
  if (isApiError(found))
    return new QueryError('ValidationError', 'The Marker is not one that this list returned.');
  const { items, nextToken } = found;
  return {
    [name]: items.map(shown),
    IsTruncated: nextToken !== undefined,
    Marker: nextToken,
  };
}
