import { DeleteClusterCommand, ListClustersCommand } from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
});
afterEach(() => api[Symbol.asyncDispose]());

async function lineOf(requestId: string | undefined) {
  const found = () => api.lines.find(({ fields }) => fields.requestId === requestId);
  await eventually('the request is in the log', () => found() !== undefined);
  return found();
}

test('a change that was asked for is found in the log by the request id of its answer, also when it was refused', async () => {
  const arn = 'arn:aws:kafka:us-east-1:000000000000:cluster/none/02201bc7-7be1-4423-b42f-5181f878a6f7-1';
  const refused = await api.aws.send(new DeleteClusterCommand({ ClusterArn: arn })).then(
    () => null,
    (error: { readonly $metadata: { readonly requestId?: string } }) => error.$metadata.requestId,
  );
  expect(await lineOf(refused ?? undefined)).toMatchObject({
    level: 'info',
    fields: { operation: 'DeleteCluster', status: 404, ms: expect.any(Number) },
  });
});

test('what only reads is told at the level of debugging', async () => {
  const { $metadata } = await api.aws.send(new ListClustersCommand({}));
  expect(await lineOf($metadata.requestId)).toMatchObject({
    level: 'debug',
    fields: { operation: 'ListClusters', status: 200 },
  });
});
