import type { ProvisionedRequest } from '../api/cluster-shapes.ts';

/** What a provisioned cluster was asked to be, complete with defaults, in the API's own words: descriptions echo it. */
export type ProvisionedSpec = Pick<
  ProvisionedRequest,
  | 'numberOfBrokerNodes'
  | 'kafkaVersion'
  | 'brokerNodeGroupInfo'
  | 'clientAuthentication'
  | 'configurationInfo'
  | 'encryptionInfo'
  | 'loggingInfo'
> & {
  /** ACTIVE: partitions move onto brokers that are added, by themselves. */
  readonly rebalancing: { readonly status: 'ACTIVE' | 'PAUSED' };
  readonly enhancedMonitoring: NonNullable<ProvisionedRequest['enhancedMonitoring']>;
  readonly storageMode: NonNullable<ProvisionedRequest['storageMode']>;
};
