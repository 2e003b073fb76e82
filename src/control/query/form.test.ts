import { expect, test } from 'vitest';
import { formMembers } from './form.ts';

const members = (form: string) => formMembers(new URLSearchParams(form));

/** The forms are those of the API reference of IAM and STS. */
test('members of lists and of their items are found by their numbers', () => {
  expect(
    members(
      'Action=CreateUser&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=1&TagKeys.member.1=x',
    ),
  ).toEqual({
    Action: 'CreateUser',
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
    TagKeys: ['x'],
  });
});

test.each([
  ['a member that is named twice', 'UserName=a&UserName=b'],
  ['a text that has members', 'Tags=x&Tags.member.1.Key=a'],
  ['members that are a text', 'Tags.member.1.Key=a&Tags=x'],
  ['a list whose items have no numbers', 'Tags.member.first.Key=a'],
  ['a member that is too deep', 'a.b.c.d.e.f.g.h.i=1'],
  ['too many members', Array.from({ length: 1001 }, (_, i) => `a${i}=1`).join('&')],
])('a form with %s says nothing', (_, form) => {
  expect(members(form)).toBeNull();
});

test('a name of objects is a member as any other', () => {
  const found = members('__proto__.x=1&constructor=2') ?? {};
  expect(Object.keys(found)).toEqual(['__proto__', 'constructor']);
  expect(Reflect.get({}, 'x')).toBeUndefined();
});
