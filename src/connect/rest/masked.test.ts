import { expect, test } from 'vitest';
import { reference } from '../secrets/reference.ts';
import { masked, namesProvider, namesSealed } from './masked.ts';

test('an answer tells neither secrets nor where they are, however deep they lie', () => {
  const answer = {
    config: { url: 'db://staple@host', password: reference('a-1') },
    tasks: [{ config: { both: `${reference('a-1')} and staple`, 'tasks.max': 2 } }, null, true],
  };
  expect(masked(answer, (text) => text.replaceAll('staple', '[hidden]'))).toEqual({
    config: { url: 'db://[hidden]@host', password: '[hidden]' },
    tasks: [{ config: { both: '[hidden] and [hidden]', 'tasks.max': 2 } }, null, true],
  });
});

test('a request that names a sealed value is found, wherever the name is', () => {
  expect(namesSealed({ topics: reference('sign-in.1.jaas') })).toBe(true);
  expect(namesSealed({ deep: [{ one: `x${reference('a-1')}y` }] })).toBe(true);
  expect(namesSealed({ topics: '[hidden]', other: 'millrace:' })).toBe(false);
  expect(namesSealed(undefined)).toBe(false);
});

test('a request that refers to a configuration provider is found, with and without a path', () => {
  const inKafka = (text: string) => ['$', '{', text, '}'].join('');
  for (const text of ['vault:key', 'vault:path:key', 'a\nb:key'])
    expect(namesProvider({ url: `x${inKafka(text)}` })).toBe(true);
  expect(namesProvider({ format: inKafka('topic'), time: '12:30' })).toBe(false);
  expect(namesProvider(undefined)).toBe(false);
});
