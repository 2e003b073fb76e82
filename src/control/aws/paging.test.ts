import { expect, test } from 'vitest';
import { isApiError } from './api-error.ts';
import { page } from './paging.ts';

const list = (
  all: readonly string[],
  options: { maxResults?: number; nextToken?: string; scope?: string },
) => {
  const paged = page(all, { key: (item) => item, scope: 'names', ...options });
  if (isApiError(paged)) throw new Error(paged.message);
  return paged;
};

test('the last page has no token, also when it is full', () => {
  const first = list(['a', 'b', 'c', 'd'], { maxResults: 2 });
  expect(first.items).toEqual(['a', 'b']);
  const second = list(['a', 'b', 'c', 'd'], { maxResults: 2, nextToken: first.nextToken ?? '' });
  expect(second).toEqual({ items: ['c', 'd'] });
});

test('what comes and goes between two pages neither repeats nor hides an entry', () => {
  const { nextToken = '' } = list(['b', 'd', 'f'], { maxResults: 2 });
  expect(list(['a', 'b', 'e', 'f'], { maxResults: 2, nextToken }).items).toEqual(['e', 'f']);
  expect(list(['a', 'b'], { maxResults: 2, nextToken })).toEqual({ items: [] });
});

test("a token is refused when it is none, or another list's", () => {
  const { nextToken = '' } = list(['a', 'b'], { maxResults: 1 });
  for (const [token, scope] of [
    [nextToken, 'others'],
    ['x', 'names'],
    ['', 'names'],
    [Buffer.from('null').toString('base64url'), 'names'],
  ])
    expect(page(['a'], { key: (item) => item, scope: scope ?? '', nextToken: token })).toMatchObject({
      error: 'BadRequestException',
      invalidParameter: 'nextToken',
    });
});
