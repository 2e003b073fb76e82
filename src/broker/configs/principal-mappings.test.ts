import { expect, test } from 'vitest';
import { tlsConfigs } from '../../metadata/configs/broker/tls-configs.ts';
import { setting } from '../../metadata/configs/testing/setting.ts';
import { emptyImage } from '../../metadata/image.ts';
import type { BrokerListener } from '../broker-options.ts';
import { BrokerSettings } from './broker-settings.ts';
import { principalMappings } from './principal-mappings.ts';

const ANN = 'CN=ann,OU=ops,O=example';
const NAME_ONLY = 'RULE:^CN=(.*?),.*$/$1/';

const listener = (name: string): BrokerListener =>
  ({ name, purpose: 'client', host: '::1', port: 0, security: 'SSL', tls: {} }) as unknown as BrokerListener;

function mappings(properties: Record<string, string>) {
  const settings = new BrokerSettings({ brokerId: 1, image: () => emptyImage, properties });
  return principalMappings(settings, [listener('CLIENT'), listener('PARTNERS')]);
}

test('ssl.principal.mapping.rules name the clients of every listener, but those of a listener its own', async () => {
  const plain = await mappings({});
  expect(plain.get('CLIENT')?.nameOf(ANN)).toBe(ANN);
  const all = await mappings(setting(tlsConfigs.sslPrincipalMappingRules, NAME_ONLY));
  expect(['CLIENT', 'PARTNERS'].map((name) => all.get(name)?.nameOf(ANN))).toEqual(['ann', 'ann']);
  const one = await mappings({ 'listener.name.partners.ssl.principal.mapping.rules': NAME_ONLY });
  expect(['CLIENT', 'PARTNERS'].map((name) => one.get(name)?.nameOf(ANN))).toEqual([ANN, 'ann']);
});

test('rules that are none are refused with the name of the config and of the listener', async () => {
  await expect(mappings({ 'ssl.principal.mapping.rules': 'RULE:x' })).rejects.toThrow(
    /^ssl.principal.mapping.rules of the listener CLIENT: /,
  );
});
