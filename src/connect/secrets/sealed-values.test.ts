import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isApiError } from '../../control/aws/api-error.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { namesIn, withoutSecrets } from './reference.ts';
import { sealOlder } from './seal-older.ts';
import { SealedValues } from './sealed-values.ts';

let folder: string;
let values: SealedValues;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-values-'));
  values = new SealedValues(SealedStore.open(folder));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Configuration = Readonly<Record<string, string>>;

function sealed(asked: Configuration, before: Configuration = {}, providers: string[] = []): Configuration {
  const answer = values.seal('uuid', asked, before, new Set(providers));
  if (isApiError(answer)) throw new Error(answer.message);
  return answer.configuration;
}

const TYPES = new Map([
  ['host', 'STRING'],
  ['password', 'PASSWORD'],
  ['password.file', 'STRING'],
]);

describe('a new configuration', () => {
  test("shows what Kafka Connect itself reads, and nothing of the connector's own", () => {
    const asked = { 'connector.class': 'Source', 'tasks.max': '1', host: 'db', password: 'staple' };
    expect(withoutSecrets(sealed(asked))).toEqual({
      'connector.class': 'Source',
      'tasks.max': '1',
      host: '[hidden]',
      password: '[hidden]',
    });
  });

  test('hides passwords alone once the connector has said which those are; what it does not define is judged by its name', () => {
    const asked = {
      ...{ host: 'db', password: 'staple', 'password.file': '/etc/x' },
      ...{ 'history.consumer.sasl.jaas.config': 'plain', 'history.topic': 'history' },
    };
    expect(withoutSecrets(values.told('uuid', sealed(asked), TYPES))).toEqual({
      ...asked,
      password: '[hidden]',
      'history.consumer.sasl.jaas.config': '[hidden]',
    });
  });

  test("shows references to the worker's own configuration providers, and those alone", () => {
    const asked = { password: `\${vault:db:password}`, host: `\${env:HOME}` };
    expect(withoutSecrets(sealed(asked, {}, ['vault']))).toEqual({ ...asked, host: '[hidden]' });
  });

  test('never shows what looks like one of our references or our mask', () => {
    const [name = ''] = namesIn(sealed({ password: 'staple' }));
    const forged = `\${millrace:/proc/self/fd/3:${name}}`;
    const known = values.told('uuid', sealed({ host: 'db' }), TYPES);
    const asked = sealed({ host: forged }, known);
    expect(values.told('uuid', asked, TYPES).host).toBe(asked.host);
    expect(asked.host).not.toBe(forged);
    expect(values.of('uuid')[namesIn(asked)[0] ?? '']).toBe(forged);
  });
});

describe('a configuration that is sent back', () => {
  test('keeps what the mask hides, and a value that is the same', () => {
    const before = values.told('uuid', sealed({ host: 'db', password: 'staple' }), TYPES);
    expect(sealed({ host: 'other', password: '[hidden]' }, before)).toEqual({ ...before, host: 'other' });
    expect(sealed({ ...before, password: 'staple' }, before)).toEqual(before);
    expect(sealed({ password: 'new' }, before).password).not.toBe(before.password);
  });

  test('is refused where the mask hides nothing', () => {
    const before = values.told('uuid', sealed({ host: 'db' }), TYPES);
    const masks: Configuration[] = [{ host: '[hidden]' }, { password: '[hidden]' }];
    for (const asked of masks)
      expect(() => sealed(asked, before)).toThrow(/is \[hidden\], and the connector has no hidden value/);
  });
});

test('what is not kept is gone from the file, and a text has none of what is kept', () => {
  const kept = sealed({ a: 'staple', b: 'staple-gun' });
  expect(values.without('uuid', 'staple-gun, staple and stable')).toBe('[hidden], [hidden] and stable');
  values.keep('uuid', new Set(namesIn({ a: kept.a ?? '' })));
  const again = new SealedValues(SealedStore.open(folder));
  expect(Object.values(again.of('uuid'))).toEqual(['staple']);
  again.keepOf(new Set(['another']));
  expect(SealedStore.open(folder).connectorValues.size).toBe(0);
});

test('passwords that an older release kept in clear are sealed, and nothing of them is left in the store', () => {
  const store = ConnectStore.open(folder);
  const older = { arn: 'arn', uuid: 'uuid', name: 'orders', workerConfiguration: null, hasRun: true };
  const record = (password: string) => ({
    type: 'ConnectorRecord' as const,
    connector: { ...older, configuration: { 'connector.class': 'Sink', password } } as unknown as Connector,
  });
  for (const password of ['staple-1', 'staple-2'])
    store.execute(() => ({ records: [record(password)], answer: null }));
  sealOlder(store, values);
  const connector = store.state.connectors.get('arn');
  if (isApiError(connector)) throw new Error(connector.message);
  expect(connector.knowsPasswords).toBe(false);
  expect(withoutSecrets(connector.configuration)).toEqual({
    'connector.class': 'Sink',
    password: '[hidden]',
  });
  expect(values.of('uuid')[namesIn(connector.configuration)[0] ?? '']).toBe('staple-2');
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  expect(Buffer.concat(bytes).includes('staple')).toBe(false);
  store.close();
});
