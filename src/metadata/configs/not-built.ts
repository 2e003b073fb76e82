/** Reasons that several configs share: what Apache Kafka has and Millrace has not, or does differently. */

export const assigned = 'Millrace assigns it when it starts the broker';
export const metadataLogSizes = 'The metadata log has segments and snapshots of fixed sizes';
export const noDelegationTokens = 'Delegation tokens are not built';
export const noJavaClasses = 'Classes of Java cannot be loaded';
export const noKerberos = 'No listener lets anybody sign in with Kerberos';
export const onlyScram = 'SCRAM is the only way to sign in, and is given where a listener is, not by configs';
export const noTieredStorage = 'Tiered storage is not supported';
export const noTlsConfigs = 'Certificates are given where a listener is, not by configs';
export const oneController = 'A cluster has one controller, so there are no elections between controllers';
export const oneEventLoop = 'A broker is one event loop and has no pools of threads';
