/** The library: what `import … from 'millrace'` gives. */
export type { LogFields, Logger } from './base/log.ts';
export type { BrokerConfig, TopicConfig } from './library/config-types.ts';
export type {
  ApiOptions,
  CertificateOptions,
  ListenerOptions,
  LogLevel,
  StartClusterOptions,
  TlsOptions,
  TopicOptions,
} from './library/options.ts';
export { startCluster } from './library/start-cluster.ts';
export type { ClientCertificate, StartedCluster } from './library/started-cluster.ts';
