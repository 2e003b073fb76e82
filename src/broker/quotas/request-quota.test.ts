import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { imageOf } from '../../metadata/delta.ts';
import { completeMetadataRecord } from '../../metadata/records.ts';
import { RequestQuota } from './request-quota.ts';

const WINDOWS = { count: 11, lengthMs: 1000 };
const BUSY = { principal: 'User:ANONYMOUS', clientId: 'busy' };

function quotaOf(clientId: string, percent: number): RequestQuota {
  const record = completeMetadataRecord({
    type: 'ClientQuotaRecord',
    entity: [{ entityType: 'client-id', entityName: clientId }],
    key: 'request_percentage',
    value: percent,
    remove: false,
  });
  const image = imageOf([record], { offset: 1, epoch: 1, timestamp: 0 });
  return new RequestQuota(new ManualClock(), { image: () => image, windows: () => WINDOWS });
}

test('ten per cent are a tenth of each second, and ten seconds of them may come at once', () => {
  const quota = quotaOf('busy', 10);
  expect(quota.count(BUSY, 1000)).toBe(0);
  // 1,050 ms in ten seconds: 50 too many, which are half a second's worth.
  expect(quota.count(BUSY, 50)).toBe(500);
});

test('nobody is silent for longer than a window, whatever a request took', () => {
  expect(quotaOf('busy', 1).count(BUSY, 60_000)).toBe(WINDOWS.lengthMs);
});

test('who has no quota is not counted', () => {
  const quota = quotaOf('another', 1);
  expect(quota.exists).toBe(true);
  expect(quota.count(BUSY, 60_000)).toBe(0);
});
