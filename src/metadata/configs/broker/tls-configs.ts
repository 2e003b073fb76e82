import { bool, className, list, password, string } from '../config-key.ts';
import { oneOf } from '../config-valid.ts';

/** TLS. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const tlsConfigs = [
  bool('ssl.allow.dn.changes', false, 'Whether a new certificate may have another distinguished name.', { importance: 'LOW' }),
  bool('ssl.allow.san.changes', false, 'Whether a new certificate may have other alternative names.', { importance: 'LOW' }),
  list('ssl.cipher.suites', '', "Cipher suites that are allowed; empty for the platform's.", { dynamic: 'per-broker' }),
  string('ssl.client.auth', 'none', 'Whether clients must, may or need not show a certificate.', { dynamic: 'per-broker', valid: oneOf('required', 'requested', 'none') }),
  list('ssl.enabled.protocols', 'TLSv1.2,TLSv1.3', 'Versions of TLS that are allowed.', { dynamic: 'per-broker' }),
  string('ssl.endpoint.identification.algorithm', 'https', 'How the name of the other side is checked; empty for not at all.', { importance: 'LOW', dynamic: 'per-broker' }),
  className('ssl.engine.factory.class', null, 'The class that makes TLS engines.', { importance: 'LOW', dynamic: 'per-broker' }),
  password('ssl.key.password', null, 'The password of the private key.', { dynamic: 'per-broker' }),
  string('ssl.keymanager.algorithm', 'SunX509', 'The algorithm of the key manager.', { dynamic: 'per-broker' }),
  password('ssl.keystore.certificate.chain', null, 'The certificate chain in PEM.', { dynamic: 'per-broker' }),
  password('ssl.keystore.key', null, 'The private key in PEM.', { dynamic: 'per-broker' }),
  string('ssl.keystore.location', null, 'The file of the key store.', { dynamic: 'per-broker' }),
  password('ssl.keystore.password', null, 'The password of the key store.', { dynamic: 'per-broker' }),
  string('ssl.keystore.type', 'JKS', 'The format of the key store.', { dynamic: 'per-broker' }),
  string('ssl.principal.mapping.rules', 'DEFAULT', 'Rules that make principals of distinguished names.', { importance: 'LOW' }),
  string('ssl.protocol', 'TLSv1.3', 'The version of TLS to use.', { dynamic: 'per-broker' }),
  string('ssl.provider', null, 'The Java security provider of TLS.', { dynamic: 'per-broker' }),
  string('ssl.secure.random.implementation', null, 'The random number generator of TLS.', { importance: 'LOW', dynamic: 'per-broker' }),
  string('ssl.trustmanager.algorithm', 'PKIX', 'The algorithm of the trust manager.', { dynamic: 'per-broker' }),
  password('ssl.truststore.certificates', null, 'Trusted certificates in PEM.', { dynamic: 'per-broker' }),
  string('ssl.truststore.location', null, 'The file of the trust store.', { dynamic: 'per-broker' }),
  password('ssl.truststore.password', null, 'The password of the trust store.', { dynamic: 'per-broker' }),
  string('ssl.truststore.type', 'JKS', 'The format of the trust store.', { dynamic: 'per-broker' }),
];
