import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import type { Output } from '../output.ts';
import { run } from '../run.ts';
import { clustersOperations } from './clusters-operations.ts';
import { bar } from './watch-operation.ts';

const CLUSTER = 'arn:aws:kafka:us-east-1:000000000000:cluster/demo/1-1';
const OPERATION = 'arn:aws:kafka:us-east-1:000000000000:cluster-operation/demo/1-1/2';

/**
 * `operations demo --wait` on a server whose operation takes two steps and ends so; what was printed and what
 * stood there meanwhile.
 */
async function waiting(end: string, isTerminal: boolean) {
  const statuses = [
    ['IN_PROGRESS', 'PENDING'],
    ['COMPLETED', 'IN_PROGRESS'],
    ['COMPLETED', 'COMPLETED'],
  ];
  let look = 0;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace(/\?$/, '');
    const answers: Record<string, () => object> = {
      '/v1/clusters': () => ({
        clusterInfoList: [
          { clusterArn: CLUSTER, clusterName: 'demo', state: 'UPDATING', activeOperationArn: OPERATION },
        ],
      }),
      [`/millrace/v1/operations/${OPERATION}/activity`]: () => ({
        doing: 'moving partitions',
        moved: { movedPartitions: 1, totalPartitions: 2, movedBytes: 500, totalBytes: 1000 },
      }),
      [`/v1/operations/${OPERATION}`]: () => {
        const isOver = look === 2;
        const steps = statuses[Math.min(look++, 2)] ?? [];
        return {
          clusterOperationInfo: {
            operationArn: OPERATION,
            operationType: 'INCREASE_BROKER_COUNT',
            operationState: isOver ? end : 'UPDATE_IN_PROGRESS',
            operationSteps: steps.map((stepStatus, index) => ({
              stepName: `STEP_${index + 1}`,
              stepInfo: { stepStatus },
            })),
            ...(end === 'UPDATE_FAILED' ? { errorInfo: { errorString: 'no room' } } : {}),
          },
        };
      },
    };
    response.end(JSON.stringify(answers[path]?.() ?? {}));
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const lines: string[] = [];
  const shown: string[] = [];
  const output: Output = {
    line: (text) => void lines.push(text),
    complain: (text) => void lines.push(text),
    onUnheard() {},
    ...(isTerminal ? { progress: (text: string) => void shown.push(text) } : {}),
  };
  const program = {
    version: '1',
    commands: [{ ...clustersOperations, load: async () => clustersOperations }],
  };
  try {
    const args = ['clusters', 'operations', 'demo', '--wait', '--api', `http://127.0.0.1:${port}`];
    return { exit: await run(program, args, output), lines, shown };
  } finally {
    await new Promise((done) => server.close(done));
  }
}

test('an operation is waited for: a line for each change, and its end', async () => {
  const { exit, lines } = await waiting('UPDATE_COMPLETE', false);
  expect(exit).toBe(0);
  expect(lines).toEqual([
    'STEP_1 (IN_PROGRESS): moving partitions, 1 of 2 (500 B of 1.0 kB)',
    'STEP_2 (IN_PROGRESS): moving partitions, 1 of 2 (500 B of 1.0 kB)',
    `INCREASE_BROKER_COUNT is UPDATE_COMPLETE: ${OPERATION}`,
  ]);
});

test('on a terminal a bar shows how much is done', async () => {
  const { lines, shown } = await waiting('UPDATE_COMPLETE', true);
  expect(lines).toEqual([`INCREASE_BROKER_COUNT is UPDATE_COMPLETE: ${OPERATION}`]);
  expect(shown).toEqual([
    '[█████···············]  25 % STEP_1 (IN_PROGRESS): moving partitions, 1 of 2 (500 B of 1.0 kB)',
    '[███████████████·····]  75 % STEP_2 (IN_PROGRESS): moving partitions, 1 of 2 (500 B of 1.0 kB)',
  ]);
});

test('one that fails is a failure of the command', async () => {
  const { exit, lines } = await waiting('UPDATE_FAILED', false);
  expect(exit).toBe(1);
  expect(lines.at(-1)).toBe('millrace: The operation failed: no room');
});

test.each([
  [0, '[····················]   0 %'],
  [0.999, '[████████████████████]  99 %'],
  [1, '[████████████████████] 100 %'],
  [2, '[████████████████████] 100 %'],
])('the bar of %d', (share, expected) => {
  expect(bar(share)).toBe(expected);
});
