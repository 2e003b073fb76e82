import { expect, test } from 'vitest';
import { ScramImage } from './scram.ts';

test('a credential does not keep the piece of the metadata log that it was read from', () => {
  const piece = Buffer.alloc(1024 * 1024, 1);
  const image = ScramImage.empty.replay({
    type: 'UserScramCredentialRecord',
    name: 'alice',
    mechanism: 2,
    salt: piece.subarray(0, 16),
    storedKey: piece.subarray(16, 80),
    serverKey: piece.subarray(80, 144),
    iterations: 4096,
  });
  const { salt, storedKey, serverKey } = image.get('alice', 2) ?? {};
  const kept = [salt, storedKey, serverKey].map((bytes) => bytes?.buffer.byteLength);
  expect(kept).toEqual([16, 64, 64]);
});
