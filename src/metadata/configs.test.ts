import { afterEach, expect, test, vi } from 'vitest';
import { ConfigsDelta, ConfigsImage } from './configs.ts';

afterEach(() => vi.restoreAllMocks());

const RECORDS = 2000;

function replayed(before: ConfigsImage, from: number): ConfigsImage {
  const delta = new ConfigsDelta(before);
  for (let i = from; i < from + RECORDS; i++)
    delta.replay({
      type: 'ConfigRecord',
      resourceType: 4,
      resourceName: '',
      name: `plugin.${i}`,
      value: '1',
    });
  return delta.apply();
}

// A request that set 98,000 configs on one resource held the controller and the brokers for minutes.
test('configs of one resource are replayed in proportion to how many they are', () => {
  const set = vi.spyOn(Map.prototype, 'set');
  const image = replayed(ConfigsImage.empty, 0);
  const entriesWritten = set.mock.calls.length;
  expect(image.get('broker', '').size).toBe(RECORDS);
  expect(entriesWritten).toBeGreaterThanOrEqual(RECORDS);
  expect(entriesWritten).toBeLessThan(5 * RECORDS);
});

test('an image stays as it was while what comes after it is replayed', () => {
  const first = replayed(ConfigsImage.empty, 0);
  const delta = new ConfigsDelta(first);
  const record = { type: 'ConfigRecord', resourceType: 4, resourceName: '' } as const;
  delta.replay({ ...record, name: 'plugin.0', value: null });
  const second = delta.apply();
  delta.replay({ ...record, name: 'plugin.1', value: null });
  const values = (image: ConfigsImage) => image.get('broker', '');
  expect([values(first).size, values(second).size, values(delta.apply()).size]).toEqual([2000, 1999, 1998]);
});
