import type { SealedStore } from '../../sealed/sealed-store.ts';

const KEY_BYTES = 32;

/**
 * The key with which temporary credentials are sealed, 32 bytes; it is made when it is asked for first, from
 * `random`. Throws StoreError.
 */
export function tokenKey(sealed: SealedStore, random: (bytes: number) => Uint8Array): Buffer {
  const key = sealed.execute(({ iam }) => {
    if (iam.tokenKey !== null) return { records: [], answer: iam.tokenKey };
    const made = Buffer.from(random(KEY_BYTES)).toString('base64');
    return { records: [{ type: 'IamTokenKeyRecord', key: made }], answer: made };
  });
  return Buffer.from(key, 'base64');
}
