import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { hasCommand } from '../support/kafka-tools.ts';
import { selectedTests } from './classes.ts';
import { KafkaTests } from './kafka-tests.ts';
import { knownFailures } from './known-failures.ts';
import { judge } from './verdict.ts';

const missing = kafkaJars('tests') === null || !hasCommand('javac');
/** Of the quick classes, one that asks groups on the wire, and one that runs a command. */
const QUICK = 'OffsetDeleteRequestTest,TopicCommandTest';
/** Tests of theirs that have a cluster and are not known to fail. */
const LEAST_PASSED = 30;

test.skipIf(missing)(
  'Apache Kafka’s own tests of topics and of a group’s offsets pass on Millrace',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-tests-'));
    try {
      const tests = new KafkaTests(folder, { onKafka: false, repeats: true });
      let passed = 0;
      for (const selection of selectedTests(QUICK))
        for (const result of await tests.run(selection)) {
          expect(result).toMatchObject({ failed: [], mended: [] });
          passed += result.passed;
        }
      expect(passed).toBeGreaterThanOrEqual(LEAST_PASSED);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

const outcome = { name: 'one [1]', reason: 'Error', trace: '', seconds: 1, hasCluster: true } as const;

test('a test that fails and is not known to is unexpected, and so is a known one that passes', () => {
  const [known = ''] = Object.keys(knownFailures);
  const outcomes = [
    { ...outcome, test: 'kafka.server.SomeTest.fails', outcome: 'failed' },
    { ...outcome, test: `kafka.server.${known}`, outcome: 'passed' },
    { ...outcome, test: 'kafka.server.SomeTest.passes', outcome: 'passed' },
    { ...outcome, test: 'kafka.server.SomeTest.needsNone', outcome: 'passed', hasCluster: false },
  ] as const;
  expect(judge(outcomes, false)).toEqual({
    passed: 2,
    outOfReach: 0,
    known: 0,
    unexpected: [outcomes[0]],
    mended: [known],
  });
  expect(judge([{ ...outcomes[1], outcome: 'failed' }], false)).toMatchObject({ known: 1, unexpected: [] });
});

test('a known failure of the last line of a test does not stand for one before it', () => {
  const key = 'PlaintextEndToEndAuthorizationTest.testNoGroupAcl';
  const failed = { ...outcome, test: `kafka.api.${key}`, outcome: 'failed' } as const;
  const last = {
    ...failed,
    reason: 'java.lang.RuntimeException: Unable to find metric ExpiredConnectionsKilledCount',
  };
  const earlier = { ...failed, reason: 'java.util.concurrent.TimeoutException' };
  expect(judge([last], false)).toMatchObject({ known: 1, unexpected: [] });
  expect(judge([earlier], false)).toMatchObject({ known: 0, unexpected: [earlier] });
});

test('the name of a class within another one is no pattern', () => {
  const [selection] = selectedTests(
    'ShareGroupHeartbeatRequestTest$WithAssignmentBatchingDisabledTest.testA',
  );
  const name = 'kafka.server.ShareGroupHeartbeatRequestTest$WithAssignmentBatchingDisabledTest';
  expect(selection?.classNames).toEqual([name]);
  expect(`${name}#testA`).toMatch(new RegExp(`^${selection?.patterns[0]}$`));
});
