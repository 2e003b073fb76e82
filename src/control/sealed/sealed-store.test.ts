import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Secret } from '../state/secret.ts';
import { SealedStore } from './sealed-store.ts';
import type { KeySource } from './secrets-key.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-sealed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PASSWORD = 'the-password-of-alice';

function create(store: SealedStore, name = 'AmazonMSK_alice'): Secret {
  const made = store.execute(({ secrets }) =>
    secrets.create({
      arn: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`,
      name,
      description: null,
      kmsKeyId: null,
      tags: {},
      value: { text: PASSWORD },
      versionId: '0123456789abcdef0123456789abcdef',
      now: 1,
    }),
  );
  if ('fault' in made) throw new Error(made.message);
  return made;
}

/** Everything that is in the folder, as text and as base64 would show it. */
function allBytes(): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)))
    .map((bytes) => bytes.toString('latin1'))
    .join('\n');
}

function keyFile(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

describe('a store with the key file of its folder', () => {
  test('has after a restart what it had, in files for their owner alone, and tells nothing of it', () => {
    const made = create(SealedStore.open(folder));
    expect(SealedStore.open(folder).secrets.get('AmazonMSK_alice')).toEqual(made);
    for (const name of ['secrets.key', 'secrets.sealed'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(allBytes()).not.toContain(PASSWORD);
    expect(allBytes()).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 24));
    expect(allBytes()).not.toContain('alice');
  });

  test('keeps nothing of a secret that was removed', () => {
    const store = SealedStore.open(folder);
    create(store, 'AmazonMSK_bob');
    const before = statSync(join(folder, 'secrets.sealed')).size;
    create(store, 'AmazonMSK_alice');
    store.execute(({ secrets }) => secrets.delete('AmazonMSK_alice', null, 2));
    expect(statSync(join(folder, 'secrets.sealed')).size).toBe(before);
    const again = SealedStore.open(folder);
    expect(again.secrets.all().map(({ name }) => name)).toEqual(['AmazonMSK_bob']);
  });

  test('is refused when a byte of it was changed', () => {
    create(SealedStore.open(folder));
    const path = join(folder, 'secrets.sealed');
    const file: { sealed: string } = JSON.parse(readFileSync(path, 'utf8'));
    const flipped = (file.sealed.startsWith('A') ? 'B' : 'A') + file.sealed.slice(1);
    writeFileSync(path, JSON.stringify({ ...file, sealed: flipped }));
    expect(() => SealedStore.open(folder)).toThrow(/was changed since it was sealed/);
  });

  test('is refused without its key, and with another one', () => {
    create(SealedStore.open(folder));
    copyFileSync(join(folder, 'secrets.key'), join(folder, 'kept'));
    rmSync(join(folder, 'secrets.key'));
    expect(() => SealedStore.open(folder)).toThrow(/secrets.key is missing/);
    expect(existsSync(join(folder, 'secrets.key'))).toBe(false);
    keyFile('secrets.key', Buffer.alloc(32, 7).toString('base64'));
    expect(() => SealedStore.open(folder)).toThrow(/sealed with another key/);
    copyFileSync(join(folder, 'kept'), join(folder, 'secrets.key'));
    expect(SealedStore.open(folder).secrets.all()).toHaveLength(1);
  });

  test('that was interrupted while it was written has what it had before', () => {
    const store = SealedStore.open(folder);
    create(store, 'AmazonMSK_bob');
    // A crash before the rename leaves a part of the next file.
    writeFileSync(join(folder, 'secrets.sealed.new'), '{"format":1,"key"');
    const again = SealedStore.open(folder);
    expect(again.secrets.all()).toHaveLength(1);
    create(again, 'AmazonMSK_alice');
    expect(SealedStore.open(folder).secrets.all()).toHaveLength(2);
  });
});

describe('a key from elsewhere', () => {
  test('opens what it sealed, and no key is left in the folder', () => {
    const source: KeySource = {
      kind: 'file',
      path: keyFile('mine', `${Buffer.alloc(32, 1).toString('base64')}\n`),
    };
    create(SealedStore.open(folder, source));
    expect(SealedStore.open(folder, source).secrets.all()).toHaveLength(1);
    expect(existsSync(join(folder, 'secrets.key'))).toBe(false);
    expect(() => SealedStore.open(folder)).toThrow(/secrets.key is missing/);
  });

  test('is refused when it is a link, open to others or no key', () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    symlinkSync(keyFile('target', key), join(folder, 'link'));
    const from = (path: string) => () => SealedStore.open(folder, { kind: 'file', path });
    expect(from(join(folder, 'link'))).toThrow(/it is a link, which is not followed/);
    expect(from(keyFile('open', key, 0o640))).toThrow(/Other users of this machine can read/);
    expect(from(keyFile('short', Buffer.alloc(16).toString('base64')))).toThrow(/is no key/);
    expect(from(join(folder, 'none'))).toThrow(/ENOENT/);
  });

  test('may be a passphrase; another one does not open it', () => {
    const right: KeySource = { kind: 'passphrase', path: keyFile('right', 'correct horse battery\n') };
    create(SealedStore.open(folder, right));
    expect(SealedStore.open(folder, right).secrets.all()).toHaveLength(1);
    const wrong: KeySource = { kind: 'passphrase', path: keyFile('wrong', 'another long sentence\n') };
    expect(() => SealedStore.open(folder, wrong)).toThrow(/the passphrase is another one/);
    expect(() => SealedStore.open(folder)).toThrow(/--secrets-passphrase/);
    const short: KeySource = { kind: 'passphrase', path: keyFile('short', 'tiny\n') };
    expect(() => SealedStore.open(folder, short)).toThrow(/too short/);
  });
});
