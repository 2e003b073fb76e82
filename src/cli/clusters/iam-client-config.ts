import type { ClientTool } from './client-config.ts';
import { javaStore } from './java-store.ts';
import { quoted, quotedBrokers } from './program-text.ts';

/** What a client has to know to use a cluster where it signs in by IAM. */
export interface IamConnection {
  /** `host:port,…` */
  readonly bootstrap: string;
  /** The file of the CA, where the client has it; PEM, or PKCS#12 for Java. */
  readonly ca: string;
  /** For which clients sign. */
  readonly region: string;
}

/**
 * Lines of a configuration file, or of a program, for AWS's own libraries; null for a tool that has none.
 * They find the credentials where every tool of AWS does.
 */
export function iamClientConfig(tool: ClientTool, connection: IamConnection): string[] | null {
  switch (tool) {
    case 'kcat':
      return null;
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

function javaProperties({ bootstrap, ca, region }: IamConnection): string[] {
  return [
    `# With software.amazon.msk:aws-msk-iam-auth on the class path, and AWS_REGION=${region}.`,
    `bootstrap.servers=${bootstrap}`,
    'security.protocol=SASL_SSL',
    ...javaStore('truststore', ca),
    'sasl.mechanism=AWS_MSK_IAM',
    'sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;',
    'sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler',
  ];
}

function kafkajs({ bootstrap, ca, region }: IamConnection): string[] {
  return [
    "import { readFileSync } from 'node:fs';",
    "import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';",
    "import { Kafka } from 'kafkajs';",
    '',
    `const token = async () => (await generateAuthToken({ region: ${quoted(region)} })).token;`,
    'const kafka = new Kafka({',
    `  brokers: [${quotedBrokers(bootstrap)}],`,
    `  ssl: { ca: [readFileSync(${quoted(ca)}, 'utf8')] },`,
    "  sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) },",
    '});',
  ];
}

function python({ bootstrap, ca, region }: IamConnection): string[] {
  return [
    'from aws_msk_iam_sasl_signer import MSKAuthTokenProvider',
    'from confluent_kafka import Producer',
    '',
    '',
    'def token(_):',
    `    text, expires_at_ms = MSKAuthTokenProvider.generate_auth_token(${quoted(region)})`,
    '    return text, expires_at_ms / 1000',
    '',
    '',
    'producer = Producer({',
    `    "bootstrap.servers": ${quoted(bootstrap)},`,
    '    "security.protocol": "SASL_SSL",',
    `    "ssl.ca.location": ${quoted(ca)},`,
    '    "sasl.mechanism": "OAUTHBEARER",',
    '    "oauth_cb": token,',
    '})',
  ];
}

function go({ bootstrap, ca, region }: IamConnection): string[] {
  return [
    `// github.com/twmb/franz-go with its pkg/sasl/aws, and AWS_REGION=${region}`,
    `pem, err := os.ReadFile(${quoted(ca)})`,
    'if err != nil {',
    '\tpanic(err)',
    '}',
    'roots := x509.NewCertPool()',
    'roots.AppendCertsFromPEM(pem)',
    'auth := aws.Auth{',
    '\tAccessKey:    os.Getenv("AWS_ACCESS_KEY_ID"),',
    '\tSecretKey:    os.Getenv("AWS_SECRET_ACCESS_KEY"),',
    '\tSessionToken: os.Getenv("AWS_SESSION_TOKEN"),',
    '}',
    'client, err := kgo.NewClient(',
    `\tkgo.SeedBrokers(${quotedBrokers(bootstrap)}),`,
    '\tkgo.DialTLSConfig(&tls.Config{RootCAs: roots}),',
    '\tkgo.SASL(auth.AsManagedStreamingIAMMechanism()),',
    ')',
  ];
}
