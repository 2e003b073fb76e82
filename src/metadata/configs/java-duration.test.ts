import { expect, test } from 'vitest';
import { javaDurationMs } from './java-duration.ts';

/** What java.time.Duration.parse makes of each. */
test.each([
  ...([
    ['PT1H', 3_600_000] as const,
    ['pt1h', 3_600_000],
    ['+P2D', 172_800_000],
    ['PT90M', 5_400_000],
  ] as const),
  ...([
    ['P1DT-1H', 82_800_000] as const,
    ['-PT-1H', 3_600_000],
    ['PT-0.5S', -500],
    ['-PT0.25S', -250],
  ] as const),
  ...([['PT1,5S', 1500] as const, ['PT1.S', 1000], ['PT0S', 0]] as const),
])('%s is a duration of %i ms', (text, ms) => {
  expect(javaDurationMs(text)).toBe(ms);
});

test.each(['', 'P', 'PT', 'P1DT', 'PT1', '1H', 'PT1H1D', 'PT.5S', 'PT1.1234567890S', 'PT2562047788015216H'])(
  'Java takes %j for no duration',
  (text) => {
    expect(javaDurationMs(text)).toBeNull();
  },
);
