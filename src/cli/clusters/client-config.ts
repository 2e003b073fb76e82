import { javaStore } from './java-store.ts';
import { quoted, quotedBrokers } from './program-text.ts';

/** What a client has to know to use a cluster. */
export interface ConnectionSettings {
  /** `host:port,…` */
  readonly bootstrap: string;
  readonly isEncrypted: boolean;
  /** By SCRAM-SHA-512. */
  readonly signsIn: boolean;
  readonly user: string;
  /**
   * The file of the client's certificate and its key; null where it shows none. PEM, or PKCS#12 by
   * `isPkcs12` for Java.
   */
  readonly certificate: string | null;
  /** The file of the CA, where the client has it; of the same two kinds. */
  readonly ca: string;
}

export const CLIENT_TOOLS = ['kcat', 'java', 'console', 'kafkajs', 'python', 'go'] as const;
export type ClientTool = (typeof CLIENT_TOOLS)[number];
/** Those that read PKCS#12. */
export const JAVA_TOOLS: readonly ClientTool[] = ['java', 'console'];

/**
 * Lines of a configuration file, or of a program, with the word PASSWORD where the password of the user goes,
 * and TRUSTSTORE_PASS and KEYSTORE_PASS for those of PKCS#12 files.
 */
export function clientConfig(tool: ClientTool, connection: ConnectionSettings): string[] {
  switch (tool) {
    case 'kcat':
      return [
        `# kcat -F this-file -L`,
        `bootstrap.servers=${connection.bootstrap}`,
        `security.protocol=${protocol(connection)}`,
        ...(connection.isEncrypted ? [`ssl.ca.location=${connection.ca}`] : []),
        ...(connection.certificate === null
          ? []
          : [
              `ssl.certificate.location=${connection.certificate}`,
              `ssl.key.location=${connection.certificate}`,
            ]),
        ...(connection.signsIn
          ? ['sasl.mechanism=SCRAM-SHA-512', `sasl.username=${connection.user}`, 'sasl.password=PASSWORD']
          : []),
      ];
    case 'java':
      return javaProperties(connection);
    case 'console':
      return [
        `# kafka-console-consumer.sh --bootstrap-server ${connection.bootstrap} --command-config this-file --topic …`,
        ...javaProperties(connection),
      ];
    case 'kafkajs':
      return kafkajs(connection);
    case 'python':
      return python(connection);
    case 'go':
      return go(connection);
  }
}

function protocol({ isEncrypted, signsIn }: ConnectionSettings): string {
  if (signsIn) return isEncrypted ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return isEncrypted ? 'SSL' : 'PLAINTEXT';
}

function javaProperties(connection: ConnectionSettings): string[] {
  const { bootstrap, isEncrypted, signsIn, user, ca, certificate } = connection;
  const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="PASSWORD";`;
  return [
    `bootstrap.servers=${bootstrap}`,
    `security.protocol=${protocol(connection)}`,
    ...(isEncrypted ? javaStore('truststore', ca) : []),
    ...(certificate === null ? [] : javaStore('keystore', certificate)),
    ...(signsIn ? ['sasl.mechanism=SCRAM-SHA-512', `sasl.jaas.config=${login}`] : []),
  ];
}

function kafkajs({ bootstrap, isEncrypted, signsIn, user, ca, certificate }: ConnectionSettings): string[] {
  const brokers = quotedBrokers(bootstrap);
  const read = (file: string): string => `readFileSync(${quoted(file)}, 'utf8')`;
  const own = certificate === null ? '' : `, cert: ${read(certificate)}, key: ${read(certificate)}`;
  return [
    "import { readFileSync } from 'node:fs';",
    "import { Kafka } from 'kafkajs';",
    '',
    'const kafka = new Kafka({',
    `  brokers: [${brokers}],`,
    ...(isEncrypted ? [`  ssl: { ca: [${read(ca)}]${own} },`] : []),
    ...(signsIn
      ? [`  sasl: { mechanism: 'scram-sha-512', username: ${quoted(user)}, password: 'PASSWORD' },`]
      : []),
    '});',
  ].filter((line) => isEncrypted || !line.includes("'node:fs'"));
}

function python(connection: ConnectionSettings): string[] {
  const { bootstrap, isEncrypted, signsIn, user, ca, certificate } = connection;
  return [
    'from confluent_kafka import Producer',
    '',
    'producer = Producer({',
    `    "bootstrap.servers": ${quoted(bootstrap)},`,
    `    "security.protocol": "${protocol(connection)}",`,
    ...(isEncrypted ? [`    "ssl.ca.location": ${quoted(ca)},`] : []),
    ...(certificate === null
      ? []
      : [
          `    "ssl.certificate.location": ${quoted(certificate)},`,
          `    "ssl.key.location": ${quoted(certificate)},`,
        ]),
    ...(signsIn
      ? [
          '    "sasl.mechanism": "SCRAM-SHA-512",',
          `    "sasl.username": ${quoted(user)},`,
          '    "sasl.password": "PASSWORD",',
        ]
      : []),
    '})',
  ];
}

function go({ bootstrap, isEncrypted, signsIn, user, ca, certificate }: ConnectionSettings): string[] {
  const seeds = quotedBrokers(bootstrap);
  const shown = certificate === null ? '' : ', Certificates: []tls.Certificate{own}';
  return [
    '// github.com/twmb/franz-go',
    ...(isEncrypted
      ? [
          `pem, err := os.ReadFile(${quoted(ca)})`,
          'if err != nil {',
          '\tpanic(err)',
          '}',
          'roots := x509.NewCertPool()',
          'roots.AppendCertsFromPEM(pem)',
        ]
      : []),
    ...(certificate === null
      ? []
      : [
          `own, err := tls.LoadX509KeyPair(${quoted(certificate)}, ${quoted(certificate)})`,
          'if err != nil {',
          '\tpanic(err)',
          '}',
        ]),
    'client, err := kgo.NewClient(',
    `\tkgo.SeedBrokers(${seeds}),`,
    ...(isEncrypted ? [`\tkgo.DialTLSConfig(&tls.Config{RootCAs: roots${shown}}),`] : []),
    ...(signsIn
      ? [`\tkgo.SASL(scram.Auth{User: ${quoted(user)}, Pass: "PASSWORD"}.AsSha512Mechanism()),`]
      : []),
    ')',
  ];
}
