import { bool, className, list, password, string } from '../config-key.ts';
import { atStart, refused } from '../config-obedience.ts';
import { oneOf } from '../config-valid.ts';
import { noTlsConfigs } from '../not-built.ts';

/** TLS. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const tlsConfigs = {
  sslAllowDnChanges: bool('ssl.allow.dn.changes', false, 'Whether a new certificate may have another distinguished name.', refused(noTlsConfigs), { importance: 'LOW' }),
  sslAllowSanChanges: bool('ssl.allow.san.changes', false, 'Whether a new certificate may have other alternative names.', refused(noTlsConfigs), { importance: 'LOW' }),
  sslCipherSuites: list('ssl.cipher.suites', '', "Cipher suites that are allowed; empty for the platform's.", refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslClientAuth: string('ssl.client.auth', 'none', 'Whether clients must, may or need not show a certificate.', refused(noTlsConfigs), { dynamic: 'per-broker', valid: oneOf('required', 'requested', 'none') }),
  sslEnabledProtocols: list('ssl.enabled.protocols', 'TLSv1.2,TLSv1.3', 'Versions of TLS that are allowed.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslEndpointIdentificationAlgorithm: string('ssl.endpoint.identification.algorithm', 'https', 'How the name of the other side is checked; empty for not at all.', refused(noTlsConfigs), { importance: 'LOW', dynamic: 'per-broker' }),
  sslEngineFactoryClass: className('ssl.engine.factory.class', null, 'The class that makes TLS engines.', refused(noTlsConfigs), { importance: 'LOW', dynamic: 'per-broker' }),
  sslKeyPassword: password('ssl.key.password', null, 'The password of the private key.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeymanagerAlgorithm: string('ssl.keymanager.algorithm', 'SunX509', 'The algorithm of the key manager.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeystoreCertificateChain: password('ssl.keystore.certificate.chain', null, 'The certificate chain in PEM.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeystoreKey: password('ssl.keystore.key', null, 'The private key in PEM.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeystoreLocation: string('ssl.keystore.location', null, 'The file of the key store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeystorePassword: password('ssl.keystore.password', null, 'The password of the key store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslKeystoreType: string('ssl.keystore.type', 'JKS', 'The format of the key store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslPrincipalMappingRules: string('ssl.principal.mapping.rules', 'DEFAULT', 'Rules that make principals of distinguished names.', atStart, { importance: 'LOW' }),
  sslProtocol: string('ssl.protocol', 'TLSv1.3', 'The version of TLS to use.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslProvider: string('ssl.provider', null, 'The Java security provider of TLS.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslSecureRandomImplementation: string('ssl.secure.random.implementation', null, 'The random number generator of TLS.', refused(noTlsConfigs), { importance: 'LOW', dynamic: 'per-broker' }),
  sslTrustmanagerAlgorithm: string('ssl.trustmanager.algorithm', 'PKIX', 'The algorithm of the trust manager.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslTruststoreCertificates: password('ssl.truststore.certificates', null, 'Trusted certificates in PEM.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslTruststoreLocation: string('ssl.truststore.location', null, 'The file of the trust store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslTruststorePassword: password('ssl.truststore.password', null, 'The password of the trust store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
  sslTruststoreType: string('ssl.truststore.type', 'JKS', 'The format of the trust store.', refused(noTlsConfigs), { dynamic: 'per-broker' }),
} as const;
