import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { below, Sfc32 } from '../../base/random.ts';
import { DerError, der, sequence } from './der.ts';
import { x500Name } from './x500-name.ts';

/** Written by scripts/x500-names.ts: names as DER, and what Java's X500Principal.getName() says. */
const NAMES: readonly (readonly [string, string])[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'x500-names.vector.json'), 'utf8'),
);

describe('the name of a certificate’s subject', () => {
  test('is what Java says, for 200 names', () => {
    expect(NAMES).toHaveLength(200);
    const wrong = NAMES.map(([hex, expected]) => ({
      hex,
      expected,
      ours: x500Name(Buffer.from(hex, 'hex')),
    })).filter(({ expected, ours }) => ours !== expected);
    expect(wrong).toEqual([]);
  });

  test.each(['', '31', '3003020101', '300530033101', '30053103300130ff'])('is a DerError for %s', (hex) => {
    expect(() => x500Name(Buffer.from(hex, 'hex'))).toThrow(DerError);
  });

  test('is a DerError for names with wrong bytes, and nothing else', () => {
    const random = new Sfc32(3);
    for (const [hex] of NAMES)
      for (let i = 0; i < 20; i++) {
        const name = Buffer.from(hex, 'hex');
        if (name.length > 0) name[below(random, name.length)] = below(random, 256);
        try {
          x500Name(name.subarray(0, below(random, 4) === 0 ? below(random, name.length + 1) : undefined));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }
  });

  test('is a DerError for an identifier of many kilobytes, at once', () => {
    const attribute = sequence(der(0x06, Buffer.alloc(60_000, 0xff)), der(0x0c, Buffer.from('x')));
    expect(() => x500Name(sequence(der(0x31, attribute)))).toThrow(DerError);
  });
});
