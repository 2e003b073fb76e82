import { CreateClusterCommand } from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';
import { ORDERS } from './orders-cluster.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

test('the process tells that it lives, whether its clusters are started, and what it counts', async () => {
  const probe = async (path: string) => {
    const response = await fetch(`${api.control.url}${path}`);
    return [response.status, await response.text()] as const;
  };
  let open: () => void = () => {};
  api.engine.gate = new Promise((done) => {
    open = done;
  });
  await api.aws.send(new CreateClusterCommand(ORDERS));
  expect(await probe('/health/live')).toEqual([200, '{"status":"live"}']);
  expect(await probe('/health/ready')).toEqual([503, '{"status":"starting","clusters":["orders"]}']);
  open();
  await api.control.settled();
  expect(await probe('/health/ready')).toEqual([200, '{"status":"ready"}']);
  const [status, text] = await probe('/metrics');
  expect(status, text).toBe(200);
  expect(text).toContain('millrace_cluster_state{cluster="orders",state="ACTIVE"} 1\n');
  expect(text).toContain('millrace_cluster_brokers{cluster="orders"} 3\n');
  expect(text).toMatch(/^millrace_disk_free_bytes \d+$/m);
});
