import { escaped } from './foreign-service.ts';

/**
 * Members as XML of AWS's Query protocol: a list has its items in `member` elements, a date is in ISO's form,
 * and what is undefined or null is left out.
 */
export function xmlMembers(members: object): string {
  return Object.entries(members)
    .map(([name, value]) => element(name, value))
    .join('');
}

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('');
  // Without the milliseconds, as IAM and STS have it.
  if (value instanceof Date) return value.toISOString().replace(/\.\d{3}Z$/, 'Z');
  return typeof value === 'object' && value !== null ? xmlMembers(value) : escaped(String(value));
}
