import { expect, test } from 'vitest';
import { metricsIn, type WorkerMetrics } from '../worker/worker-metrics.ts';
import { TaskProgress } from './task-progress.ts';

const WORKER = '127.0.0.1:10001';
const ORDERS = { name: 'orders', flushMs: 0 };
const TASKS = [{ id: 0, state: 'RUNNING', worker: WORKER, trace: null }];
const TASK = 'kafka.connect:connector=orders,task=0,type=connector-task-metrics';
const SINK = 'kafka.connect:connector=orders,task=0,type=sink-task-metrics';
const SOURCE = 'kafka.connect:connector=orders,task=0,type=source-task-metrics';
const MEMBER = 'kafka.consumer:client-id=connector-consumer-orders-0,type=consumer-coordinator-metrics';

const sink = (putMs: number | null, heartbeatSeconds: number) =>
  metricsIn({
    [TASK]: { 'running-ratio': 1 },
    [SINK]: { 'put-batch-avg-time-ms': putMs },
    [MEMBER]: { 'last-heartbeat-seconds-ago': heartbeatSeconds },
  });
const source = (waiting: number, written: number) =>
  metricsIn({
    [TASK]: { 'running-ratio': 1 },
    [SOURCE]: { 'source-record-active-count': waiting, 'source-record-write-total': written },
  });

/** What is said of a worker with these metrics, looked at every ten seconds. */
function said(...looks: WorkerMetrics[]): (string | null)[] {
  const progress = new TaskProgress();
  return looks.map((metrics, at) => progress.look(ORDERS, TASKS, new Map([[WORKER, metrics]]), at * 10_000));
}

test('a sink whose put does not return is told after a minute of it, and no more once it returns', () => {
  const looks = said(...Array(7).fill(sink(null, 1)), sink(3, 1), sink(null, 1));
  expect(looks.slice(0, 6)).toEqual(Array(6).fill(null));
  expect(looks[6]).toMatch(/^task 0 takes no records: .* its put has not returned/);
  expect(looks.slice(7)).toEqual([null, null]);
});

test('a sink without records is called as often as offsets are committed, which may be seldom', () => {
  const progress = new TaskProgress();
  const at = (now: number, putMs: number | null) =>
    progress.look({ ...ORDERS, flushMs: 300_000 }, TASKS, new Map([[WORKER, sink(putMs, 1)]]), now);
  expect([at(0, null), at(290_000, null), at(300_000, 1), at(330_000, null), at(630_000, null)]).toEqual(
    Array(5).fill(null),
  );
  expect(at(690_000, null)).toMatch(/^task 0 takes no records/);
});

test('a sink whose consumer has left its group, or never joined it, is told', () => {
  expect(said(...Array(7).fill(sink(3, 90))).at(-1)).toMatch(
    /no member of the group connect-orders any more/,
  );
  expect(said(...Array(7).fill(sink(3, -1))).at(-1)).toMatch(/has not joined the group connect-orders/);
});

test('a source whose records no broker takes is told, and one that writes slowly is not', () => {
  expect(said(...Array(7).fill(source(500, 20))).at(-1)).toMatch(/has records that no broker takes/);
  expect(said(...Array.from({ length: 20 }, (_, at) => source(500, at)))).toEqual(Array(20).fill(null));
  expect(said(...Array(20).fill(source(0, 20)))).toEqual(Array(20).fill(null));
});

test('a task that its worker does not have is told', () => {
  expect(said(...Array(7).fill(metricsIn({}))).at(-1)).toMatch(/its worker does not have it/);
});

test('nothing is said of a worker that tells no metrics', () => {
  const progress = new TaskProgress();
  for (let now = 0; now < 200_000; now += 10_000)
    expect(progress.look(ORDERS, TASKS, new Map(), now)).toBeNull();
});
