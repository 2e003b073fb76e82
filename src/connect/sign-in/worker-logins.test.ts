import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { CURRENT } from '../../control/state/secret.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { passwordsOf } from './worker-logins.ts';

let folder: string;
let sealed: SealedStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-logins-'));
  sealed = SealedStore.open(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:AmazonMSK_alice-abcdef';
const login = (password: string) => ({ text: JSON.stringify({ username: 'alice', password }) });

test('the password by which workers sign in, and the one before, are hidden in what they say', () => {
  sealed.execute(({ secrets }) =>
    secrets.create({
      ...{ arn: ARN, name: 'AmazonMSK_alice', description: null, kmsKeyId: null, tags: {}, now: 1 },
      ...{ versionId: 'first', value: login('staple') },
    }),
  );
  sealed.execute(({ secrets }) =>
    secrets.putValue(ARN, { versionId: 'second', value: login('quo"te'), stages: [CURRENT] }, 2),
  );
  const signIn = { type: 'SCRAM', secretArn: ARN } as const;
  const values = new SealedValues(sealed, () => passwordsOf(sealed, { signIn }));
  expect(values.without('uuid', String.raw`password="staple", then password="quo\"te" for quo"te`)).toBe(
    'password="[hidden]", then password="[hidden]" for [hidden]',
  );
});

test('workers that sign in without a password have none to hide, nor those whose secret is gone', () => {
  expect(passwordsOf(sealed, { signIn: { type: 'NONE' } })).toEqual([]);
  expect(passwordsOf(sealed, { signIn: { type: 'TLS' } })).toEqual([]);
  expect(passwordsOf(sealed, { signIn: { type: 'SCRAM', secretArn: ARN } })).toEqual([]);
});
