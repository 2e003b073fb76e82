import { createPrivateKey } from 'node:crypto';
import { type ClientAuth, fixedTls, type ServerTlsSource } from '../../src/base/tls.ts';

/** What a test gives a broker by configs, and a listener of Millrace by itself; all but the last as PEM text. */
export interface WantedCertificates {
  readonly certificate: string;
  readonly key: string;
  /** Empty where the key is not encrypted. */
  readonly keyPassword: string;
  readonly clientCas: string;
  /** Kafka's ssl.client.auth: none, requested or required. */
  readonly clientAuth: string;
}

export function listenerTls(wanted: WantedCertificates): ServerTlsSource {
  const { certificate, clientCas, clientAuth } = wanted;
  const key = createPrivateKey({
    key: wanted.key,
    ...(wanted.keyPassword === '' ? {} : { passphrase: wanted.keyPassword }),
  }).export({ type: 'pkcs8', format: 'pem' });
  return fixedTls(authOf(clientAuth), { identity: { certificate, key: String(key) }, clientCas });
}

function authOf(clientAuth: string): ClientAuth {
  if (clientAuth === 'required') return 'required';
  return clientAuth === 'requested' ? 'optional' : 'none';
}

/** Configs of brokers that listeners of Millrace have instead, or that say how nodes sign in at each other. */
export function isOfListeners(config: string): boolean {
  const isOfTls = config.startsWith('ssl.') && config !== 'ssl.principal.mapping.rules';
  return isOfTls || /^sasl\.(jaas|mechanism)\./.test(config) || config === 'sasl.enabled.mechanisms';
}
