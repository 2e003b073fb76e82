/** As Kafka names them in DescribeGroups. A group that does not exist is `Dead`; no object is. */
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';
