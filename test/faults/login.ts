import type { KafkaConfig } from 'kafkajs';
import { silent } from '../../src/base/log.ts';
import type { ConnectOptions } from '../../src/client/connection.ts';
import { signIn } from '../../src/kafka-client/connections/sign-in.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { passingFile } from '../support/passing-file.ts';

/** The login of a user, for every client of the run. */
export interface Login {
  /** Arguments of kcat. */
  readonly kcat: readonly string[];
  /** Lines of a properties file of Java's clients. */
  readonly java: readonly string[];
  readonly kafkajs: Pick<KafkaConfig, 'ssl' | 'sasl'>;
  /** The options of a connection to a broker with this host name. */
  readonly wire: (host: string) => Pick<ConnectOptions, 'tls' | 'authenticate'>;
}

/** The login for a cluster without authentication and encryption. */
export const NO_LOGIN: Login = { kcat: [], java: [], kafkajs: {}, wire: () => ({}) };

const MECHANISM = 'SCRAM-SHA-512';

/**
 * A login by SCRAM over TLS. Passwords are in files that only their owner may read, never in arguments.
 * `caFile` holds the PEM text `ca`.
 */
export function scramLogin(user: string, password: string, trust: { ca: string; caFile: string }): Login {
  const { ca, caFile } = trust;
  const settings = {
    'security.protocol': 'SASL_SSL',
    'ssl.ca.location': caFile,
    'sasl.mechanism': MECHANISM,
    'sasl.username': user,
    'sasl.password': password,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const kcat = passingFile('kcat.conf', lines.join(''));
  return {
    kcat: ['-F', kcat],
    java: [
      'security.protocol=SASL_SSL',
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${caFile}`,
      `sasl.mechanism=${MECHANISM}`,
      `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`,
    ],
    kafkajs: { ssl: { ca: [ca] }, sasl: { mechanism: 'scram-sha-512', username: user, password } },
    wire: (serverName) => ({
      tls: { serverCas: ca, serverName },
      authenticate: (connection) =>
        signIn(nodeWorld(silent), connection, { mechanism: MECHANISM, user, password }),
    }),
  };
}
