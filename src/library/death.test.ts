import { expect, test } from 'vitest';
import { Death } from './death.ts';
import { never } from './mortal-file.ts';

test('who waits for the start of a node that dies meanwhile hears why; a death after the start disturbs nobody', async () => {
  const death = new Death();
  const started = Promise.race([never(), death.rejection]);
  death.happened(new Error('the device failed'));
  await expect(started).rejects.toThrow('the device failed');

  const later = new Death();
  expect(await Promise.race([Promise.resolve('started'), later.rejection])).toBe('started');
  // An unhandled rejection would end the test run.
  later.happened(new Error('the device failed'));
});
