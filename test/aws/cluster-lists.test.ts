import {
  GetCompatibleKafkaVersionsCommand,
  ListClustersCommand,
  ListClustersV2Command,
  ListKafkaVersionsCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';
import { createActive } from './orders-cluster.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

describe('lists', () => {
  test('come in pages, filtered by a prefix of the name, and a token of another list is refused', async () => {
    for (const name of ['b-1', 'a-1', 'a-2', 'a-3']) await createActive(api, { ClusterName: name });
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await api.aws.send(
        new ListClustersCommand({ ClusterNameFilter: 'a-', MaxResults: 2, NextToken }),
      );
      seen.push(...(answer.ClusterInfoList ?? []).map((cluster) => cluster.ClusterName));
      NextToken = answer.NextToken;
      if (NextToken)
        await expect(api.aws.send(new ListClustersV2Command({ NextToken }))).rejects.toMatchObject({
          name: 'BadRequestException',
          InvalidParameter: 'nextToken',
        });
    } while (NextToken);
    expect(seen).toEqual(['a-1', 'a-2', 'a-3']);

    const serverless = await api.aws.send(new ListClustersV2Command({ ClusterTypeFilter: 'SERVERLESS' }));
    expect(serverless.ClusterInfoList).toEqual([]);
    await expect(api.aws.send(new ListClustersCommand({ MaxResults: 101 }))).rejects.toMatchObject({
      InvalidParameter: 'maxResults',
    });
  });

  test('of versions name what CreateCluster takes', async () => {
    const { KafkaVersions = [] } = await api.aws.send(new ListKafkaVersionsCommand({ MaxResults: 100 }));
    expect(KafkaVersions).toContainEqual({ Version: '3.9.x.kraft', Status: 'ACTIVE' });
    const ClusterArn = await createActive(api);
    const { CompatibleKafkaVersions } = await api.aws.send(
      new GetCompatibleKafkaVersionsCommand({ ClusterArn }),
    );
    expect(CompatibleKafkaVersions).toEqual([
      { SourceVersion: '3.9.x.kraft', TargetVersions: ['4.0.x.kraft', '4.1.x.kraft'] },
    ]);
  });
});

test('clusters are listed in the order in which they were created', async () => {
  for (const ClusterName of ['b', 'c', 'a']) await createActive(api, { ClusterName });
  const { ClusterInfoList } = await api.aws.send(new ListClustersCommand({}));
  expect(ClusterInfoList?.map(({ ClusterName }) => ClusterName)).toEqual(['b', 'c', 'a']);
});
