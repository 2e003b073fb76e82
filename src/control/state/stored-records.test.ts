import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordOf, type StoredRecord } from './stored-records.ts';

/** As releases before this one stored clusters. */
const FOLDER = join(import.meta.dirname, '../../../test/aws/old-stores');

test.each(readdirSync(FOLDER))('a cluster that %s stored has all that a cluster has now', (file) => {
  const { records }: { records: StoredRecord[] } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  const clusters = records
    .map(recordOf)
    .flatMap((one) => (one.type === 'ClusterRecord' ? [one.cluster] : []));
  expect(clusters.length).toBeGreaterThan(0);
  for (const cluster of clusters) {
    expect(cluster).toMatchObject({
      firstKafkaVersion: null,
      properties: {},
      policy: null,
      policyRevision: 0,
      spec: { rebalancing: { status: 'ACTIVE' } },
    });
    for (const broker of cluster.brokers)
      expect(broker).toMatchObject({
        instanceType: cluster.spec.brokerNodeGroupInfo.instanceType,
        jmxExporterOffset: 8,
        listeners: ['plaintext'],
        properties: null,
        clientCas: [],
        kafkaVersion: null,
      });
  }
});
