import { expect, test } from 'vitest';
import { arnInSegments, describesArn, isArnLike } from './arn-pattern.ts';
import { wildcard } from './wildcard.ts';

const TOPIC = 'arn:aws:kafka:us-east-1:123456789012:topic/orders/uuid-1/paid/2026';

const describes = (pattern: string, arn: string, isWide = false) =>
  describesArn(wildcard(pattern), arnInSegments(arn), { isWide });

test('a pattern may have wildcards in every part, and a * crosses slashes', () => {
  for (const pattern of [
    '*',
    TOPIC,
    'arn:aws:kafka:us-east-1:123456789012:topic/orders/*',
    'arn:aws:kafka:*:123456789012:topic/*/paid/*',
    'arn:aws:kafka:us-east-?:*:topic/orders/uuid-1/paid/????',
    'arn:aws:kafka:us-*:123456789012:*',
  ])
    expect({ pattern, is: describes(pattern, TOPIC) }).toEqual({ pattern, is: true });
  for (const pattern of [
    'arn:aws:kafka:us-east-1:123456789012:topic/orders',
    'arn:aws:kafka:us-east-1:123456789012:Topic/orders/*',
    'arn:aws:kafka:eu-*:123456789012:topic/*',
    'arn:aws:kafka:us-east-1:*:group/*',
  ])
    expect({ pattern, is: describes(pattern, TOPIC) }).toEqual({ pattern, is: false });
});

test('a pattern that ends early with a * goes on beyond the colons', () => {
  expect(describes('arn:aws:kafka:*', TOPIC)).toBe(true);
  expect(describes('arn:aws:kafka:us-east-1:1*', TOPIC)).toBe(true);
  expect(describes('arn:aws:kafka:us-east-1', TOPIC)).toBe(false);
});

test('what a pattern says of a topic is not found in the name of a group', () => {
  const group = `arn:aws:kafka:us-east-1:123456789012:group/orders/uuid-1/x:123456789012:topic/orders/uuid-1/a`;
  const pattern = 'arn:aws:kafka:*:123456789012:topic/orders/*';
  expect(describes(pattern, group)).toBe(false);
  expect(describes(pattern, group, true)).toBe(true);
});

test('ArnLike compares each of the six parts by itself', () => {
  const role = 'arn:aws:iam::123456789012:role/path/readers';
  expect(isArnLike(wildcard('arn:aws:iam::123456789012:role/*'), role)).toBe(true);
  expect(isArnLike(wildcard('arn:aws:iam::*:role/path/reader?'), role)).toBe(true);
  expect(isArnLike(wildcard('arn:aws:iam::*'), role)).toBe(false);
  expect(isArnLike(wildcard('arn:*:role/path/readers'), role)).toBe(false);
});
