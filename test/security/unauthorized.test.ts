import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answerTo,
  apart,
  type BesideKafka,
  servedByBoth,
  startBesideKafka,
  withoutKafka,
} from './beside-kafka.ts';

/**
 * Sends every version of every API from a client without rights to a cluster in which everything that is
 * named exists.
 */
const from = '127.0.0.2';
let both: BesideKafka;

beforeAll(async () => {
  if (!withoutKafka) both = await startBesideKafka();
});

afterAll(() => both?.stop());

describe.skipIf(withoutKafka)('somebody who may do nothing', () => {
  test('is answered as by Apache Kafka, in every version of every API', async () => {
    const differing: Record<string, unknown> = {};
    for (const served of await servedByBoth(both)) {
      const [here, there] = [
        await answerTo(both.ours, served, { from }),
        await answerTo(both.theirs, served, { from }),
      ];
      if (here !== there) differing[`${served.api.name} v${served.version}`] = apart(here, there);
    }
    expect(differing).toEqual({});
  });

  test('does not learn whether a topic exists', async () => {
    const telling: Record<string, unknown> = {};
    const nowhere = { ...both.ours.place, topic: 'nowhere' };
    for (const served of await servedByBoth(both)) {
      const [known, unknown] = [
        await answerTo(both.ours, served, { from }),
        await answerTo(both.ours, served, { from, place: nowhere }),
      ];
      if (known !== unknown) telling[`${served.api.name} v${served.version}`] = apart(known, unknown);
    }
    expect(telling).toEqual({});
  });
});
