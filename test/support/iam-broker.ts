import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { type Logger, silent } from '../../src/base/log.ts';
import { Broker } from '../../src/broker/broker.ts';
import { Controller } from '../../src/controller/controller.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { DIRECTORY_FILE } from '../../src/security/iam/directory-file.ts';
import { IAM_MECHANISMS } from '../../src/security/iam/iam-sign-in.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';

/** One broker in this process where clients sign in by IAM, and may do what its `iam.json` says. */
export interface IamBroker {
  /** Of the listener for IAM. */
  readonly bootstrap: string;
  /** Of a listener in plaintext, where nobody signs in. */
  readonly open: string;
  /** PEM text of the CA of its certificate. */
  readonly ca: string;
  readonly folder: string;
  /** What it logged: messages and their fields. */
  readonly lines: readonly string[];
  /** The text of `iam.json`, which is exchanged as a control plane exchanges it. */
  writeDirectory(text: string): void;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** kafkajs at the listener for IAM. What it is refused it does not try again. */
export function kafkaOf({ bootstrap, ca }: IamBroker, sasl: object): Kafka {
  return new Kafka({
    brokers: [bootstrap],
    ssl: { ca: [ca] },
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    authenticationTimeout: 60_000,
    requestTimeout: 60_000,
    retry: { retries: 0 },
    // The types of kafkajs do not know a mechanism with bytes of its own.
    sasl: sasl as never,
  });
}

export async function startIamBroker(
  directory: string,
  config: Readonly<Record<string, string>> = {},
): Promise<IamBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-iam-broker-'));
  const lines: string[] = [];
  const keep = (message: string, fields?: object) =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Logger = { ...silent, info: keep, warn: keep, error: keep, child: () => log };
  const world = nodeWorld(log);
  const ca = createCa(world, { commonName: 'Millrace' });
  const identity = issue(world, ca, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    purposes: ['server'],
  });
  const dataDirectory = join(folder, 'broker-1');
  const writeDirectory = (text: string): void => {
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(join(folder, 'next'), text, { mode: 0o600 });
    renameSync(join(folder, 'next'), join(dataDirectory, DIRECTORY_FILE));
  };
  writeDirectory(directory);
  const configs = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    ...config,
  };
  const controller = await Controller.start(world, {
    ...{ nodeId: 100, clusterId: CLUSTER, dataDirectory: join(folder, 'controller') },
    ...{ host: '127.0.0.1', port: 0, config: configs },
  });
  const place = { purpose: 'client', host: '127.0.0.1', port: 0, advertisedHost: 'localhost' } as const;
  const broker = await Broker.start(world, {
    ...{ clusterId: CLUSTER, brokerId: 1, rack: 'zone-1', dataDirectory },
    controller: { id: 100, host: '127.0.0.1', port: controller.port },
    listeners: [
      { ...place, name: 'CLIENT' },
      {
        ...place,
        name: 'CLIENT_IAM',
        security: 'SASL_SSL',
        mechanisms: IAM_MECHANISMS,
        tls: { clientAuth: 'none', current: () => ({ identity, clientCas: '' }), onChange: () => () => {} },
      },
      { name: 'REPLICATION', purpose: 'replication', host: '127.0.0.1', port: 0 },
    ],
    config: configs,
  });
  return {
    bootstrap: `localhost:${broker.port('CLIENT_IAM')}`,
    open: `localhost:${broker.port('CLIENT')}`,
    ca: ca.certificate,
    folder,
    lines,
    writeDirectory,
    metrics: () => broker.metrics('DEFAULT'),
    stop: async () => {
      await broker.stop();
      await controller.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
