import { rootCertificates } from 'node:tls';
import { readJavaProperties } from '../../base/java-properties.ts';
import type { KafkaClientOptions } from '../../kafka-client/connections/client-options.ts';

type Texts = Readonly<Record<string, string>>;

/** `${provider:path:key}`, as Kafka's configuration providers are asked. */
const REFERENCE = /\$\{[^}:]+:([^}:]*):([^}]*)\}/g;

/**
 * The texts with what they refer to in place of the references: properties in a file that this process was
 * given. Throws an Error with the name of what is not there.
 */
export function resolved(texts: Texts, readFile: (path: string) => string): Texts {
  const files = new Map<string, ReadonlyMap<string, string>>();
  const valuesIn = (path: string): ReadonlyMap<string, string> => {
    let values = files.get(path);
    if (!values) {
      const read = readJavaProperties(readFile(path));
      if ('reason' in read)
        throw new Error(`what the configuration refers to cannot be read: ${read.reason}`);
      values = read;
      files.set(path, values);
    }
    return values;
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text.replace(REFERENCE, (_, path: string, key: string) => {
        const value = valuesIn(path).get(key);
        if (value === undefined) throw new Error(`the sealed value of ${name} is not there`);
        return value;
      }),
    ]),
  );
}

/**
 * How a worker reaches its cluster, from properties of Kafka's Java clients, as every worker of this
 * connector has them.
 */
export function clientOptions(properties: Texts, clientId: string): KafkaClientOptions {
  const protocol = properties['security.protocol'] ?? 'PLAINTEXT';
  return {
    bootstrap: endpoints(properties['bootstrap.servers'] ?? ''),
    clientId,
    ...(protocol === 'SSL' || protocol === 'SASL_SSL' ? { tls: tls(properties) } : {}),
    ...(protocol === 'SASL_SSL' ? { login: login(properties) } : {}),
  };
}

function endpoints(servers: string): KafkaClientOptions['bootstrap'] {
  return servers.split(',').map((server) => {
    const [, host = '', port = ''] = /^\s*\[?([^\]]+?)\]?:(\d+)\s*$/.exec(server) ?? [];
    if (host === '') throw new Error(`"${server}" is no host:port of a broker`);
    return { host, port: Number(port) };
  });
}

function tls(properties: Texts): NonNullable<KafkaClientOptions['tls']> {
  const certificate = properties['ssl.keystore.certificate.chain'];
  const key = properties['ssl.keystore.key'];
  return {
    serverCas: properties['ssl.truststore.certificates'] ?? rootCertificates.join('\n'),
    ...(certificate !== undefined && key !== undefined ? { identity: { certificate, key } } : {}),
  };
}

function login(properties: Texts): NonNullable<KafkaClientOptions['login']> {
  const mechanism = properties['sasl.mechanism'];
  if (mechanism !== 'SCRAM-SHA-256' && mechanism !== 'SCRAM-SHA-512')
    throw new Error(`a worker cannot sign in by ${mechanism}`);
  const jaas = properties['sasl.jaas.config'] ?? '';
  const option = (name: string): string =>
    (new RegExp(` ${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(jaas)?.[1] ?? '').replaceAll(/\\(.)/g, '$1');
  return { mechanism, user: option('username'), password: option('password') };
}
