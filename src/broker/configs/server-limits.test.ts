import { expect, test } from 'vitest';
import { emptyImage } from '../../metadata/image.ts';
import { UNLIMITED } from '../../server/gate/connection-limits.ts';
import { BrokerSettings } from './broker-settings.ts';
import { connectionLimits } from './server-limits.ts';

test('limits of connections are those of the broker, of the listener and of single addresses', () => {
  const settings = new BrokerSettings({
    brokerId: 1,
    image: () => emptyImage,
    properties: {
      'max.connections': '100',
      'listener.name.client.max.connections': '50',
      'max.connections.per.ip': '12',
      'max.connections.per.ip.overrides': '10.0.0.1:3, 0:0:0:0:0:0:0:1:4',
      'max.connection.creation.rate': '7',
    },
  });
  const limits = connectionLimits(settings, emptyImage, 'CLIENT');
  expect(limits).toMatchObject({ max: 100, listenerMax: 50, creationRate: 7 });
  expect(['10.0.0.1', '0:0:0:0:0:0:0:1', '10.0.0.9'].map((host) => limits.perIpMax(host))).toEqual([
    3, 4, 12,
  ]);
});

test('the limits of all listeners together are none of each', () => {
  const properties = { 'max.connections': '100', 'max.connection.creation.rate': '7' };
  const settings = new BrokerSettings({ brokerId: 1, image: () => emptyImage, properties });
  const limits = connectionLimits(settings, emptyImage, 'CLIENT');
  expect(limits).toMatchObject({ listenerMax: UNLIMITED, listenerCreationRate: UNLIMITED });
});
