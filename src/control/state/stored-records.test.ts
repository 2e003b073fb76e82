import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordOf, type StoredRecord } from './stored-records.ts';

/** As releases before this one stored clusters. */
const FOLDER = join(import.meta.dirname, '../../../test/aws/old-stores');

test.each(readdirSync(FOLDER))(
  'a cluster that %s stored has that, and all else that a cluster has now',
  (file) => {
    const { records }: { records: StoredRecord[] } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    const stored = records.flatMap((one) => (one.type === 'ClusterRecord' ? [one] : []));
    expect(stored.length).toBeGreaterThan(0);
    for (const record of stored) {
      const made = recordOf(record);
      const { spec, brokers, ...own } = record.cluster;
      expect(made).toMatchObject({
        type: 'ClusterRecord',
        cluster: {
          firstKafkaVersion: null,
          properties: {},
          policy: null,
          policyRevision: 0,
          ...own,
          spec: { rebalancing: { status: 'ACTIVE' }, ...spec },
          brokers: brokers.map((broker) => ({
            instanceType: spec.brokerNodeGroupInfo.instanceType,
            jmxExporterOffset: 8,
            listeners: ['plaintext'],
            properties: null,
            clientCas: [],
            kafkaVersion: null,
            ...broker,
          })),
        },
      });
    }
  },
);
