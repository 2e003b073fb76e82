import { type Fault, oneOf } from '../faults.ts';
import { WAYS_IN, type WayIn } from './guard.ts';

const NOT_SECURE = 'only the clusters of --secure have it';

/**
 * A second way to sign in is added or removed, one broker after the other; clients that use the first way
 * notice nothing.
 */
export const updateSecurity: Fault = {
  name: 'UpdateSecurity',
  isHarmless: true,
  async strike({ cluster: { guard } }, random) {
    if (!guard) throw new Error(NOT_SECURE);
    const from = guard.wayIn;
    const isOther = (way: string): way is WayIn => way in WAYS_IN && way !== from;
    const to = oneOf(random, Object.keys(WAYS_IN).filter(isOther));
    await guard.updateSecurity(to);
    return `from ${from} to ${to}`;
  },
};
