import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CredentialsError } from './aws-credentials.ts';
import { findCredentials, findRegion } from './find-credentials.ts';

let folder: string;
const files = () => ({
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  AWS_CONFIG_FILE: join(folder, 'config'),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the environment comes before the files', () => {
  writeFileSync(join(folder, 'credentials'), '[default]\naws_access_key_id=F\naws_secret_access_key=f\n');
  const environment = {
    ...files(),
    AWS_ACCESS_KEY_ID: 'E',
    AWS_SECRET_ACCESS_KEY: 'e',
    AWS_SESSION_TOKEN: 't',
  };
  expect(findCredentials(environment)).toEqual({
    ...{ accessKeyId: 'E', secretAccessKey: 'e', sessionToken: 't' },
  });
});

test('a profile is named by AWS_PROFILE, and may be in either file', () => {
  writeFileSync(
    join(folder, 'credentials'),
    '# keys\r\n[default]\r\naws_access_key_id = D\r\naws_secret_access_key = d # of default\r\n[work]\naws_access_key_id=W\naws_secret_access_key=w=/+w\n',
  );
  writeFileSync(
    join(folder, 'config'),
    '[profile work]\nregion = eu-central-1\ns3 =\n  addressing_style = path\n',
  );
  expect(findCredentials(files())).toEqual({ accessKeyId: 'D', secretAccessKey: 'd' });
  const work = { ...files(), AWS_PROFILE: 'work' };
  expect(findCredentials(work)).toEqual({ accessKeyId: 'W', secretAccessKey: 'w=/+w' });
  expect(findRegion(work)).toBe('eu-central-1');
  expect(findRegion(files())).toBeNull();
});

test('without credentials the error says where they were looked for', () => {
  expect(() => findCredentials(files())).toThrow(CredentialsError);
  expect(() => findCredentials(files())).toThrow(join(folder, 'credentials'));
});

test('a way to credentials that Millrace does not go is named', () => {
  writeFileSync(join(folder, 'config'), '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n');
  expect(() => findCredentials(files())).toThrow('role_arn');
});
