import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { signIn } from '../../src/kafka-client/connections/sign-in.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apis } from '../../src/protocol/apis.ts';
import { freePortsOfTwo } from '../support/free-port.ts';
import { Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** IPv6 listeners, alone and together with IPv4. */

const PASSWORD = secret('alice');
/** A container may have no IPv6. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

/** The broker's address in the metadata that a client gets at this address. */
async function toldBroker(host: string, port: number, ca?: string): Promise<{ host: string; port: number }> {
  const world = nodeWorld(silent);
  const login = { mechanism: 'SCRAM-SHA-512', user: 'alice', password: PASSWORD } as const;
  const connection = await KafkaConnection.connect(world, {
    ...{ host, port, clientId: 'alice', timeoutMs: 60_000 },
    ...(ca === undefined
      ? {}
      : {
          tls: { serverCas: ca, serverName: 'localhost' },
          authenticate: (made) => signIn(world, made, login),
        }),
  });
  const { brokers } = await connection.send(apis.metadata, { topics: [] }, { version: 12 });
  connection.close();
  const [broker] = brokers;
  return { host: broker?.host ?? '', port: broker?.port ?? 0 };
}

if (hasIpv6) {
  test('a cluster on ::1 is told and reached there, and no listener of 127.0.0.1 is for clients', async () => {
    await using cluster = await startCluster({
      host: '::1',
      api: true,
      listeners: { SECURE: { host: '::1', tls: true } },
    });
    const [, port] = /^\[::1\]:(\d+)$/.exec(cluster.bootstrap) ?? [];
    expect(await toldBroker('::1', Number(port))).toEqual({ host: '::1', port: Number(port) });
    await expect(toldBroker('127.0.0.1', Number(port))).rejects.toThrow(/ECONNREFUSED/);
    expect(cluster.bootstrapOf('SECURE')).toMatch(/^localhost:\d+$/);
    expect(cluster.api).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const { clusterInfoList } = JSON.parse(await (await fetch(`${cluster.api}/v1/clusters`)).text());
    expect(clusterInfoList).toHaveLength(1);
  });

  test('millrace up --host :: serves both families, in each by the name that certificates have', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-ipv6-'));
    writeFileSync(join(folder, 'alice'), PASSWORD, { mode: 0o600 });
    const names = ['--advertise', 'localhost', '--advertise', '::1'];
    const scram = ['--brokers', '1', '--scram', `alice:${join(folder, 'alice')}`];
    const ports = ['--kafka-port', String(await freePortsOfTwo())];
    await using up = await Millrace.up(['--host', '::', '--insecure', ...names, ...scram, ...ports]);
    const arn = encodeURIComponent(up.ready.clusters[0]?.arn ?? '');
    const strings = async (host: string): Promise<string> => {
      const answer = await fetch(`http://${host}:${up.port}/v1/clusters/${arn}/bootstrap-brokers`);
      const { bootstrapBrokerStringSaslScram } = JSON.parse(await answer.text());
      return String(bootstrapBrokerStringSaslScram);
    };
    const ca = await (await fetch(`http://[::1]:${up.port}/ca.pem`)).text();
    const first = Number(/^localhost:(\d+)$/.exec(await strings('127.0.0.1'))?.[1]);
    expect(await strings('[::1]')).toBe(`localhost:${first}`);
    for (const host of ['127.0.0.1', '::1'])
      for (const port of [first, first + 10_000])
        expect(await toldBroker(host, port, ca)).toEqual({ host: 'localhost', port });
    rmSync(folder, { recursive: true });
  });
}

test('dual-stack networking of an MSK cluster is refused by name', async () => {
  await using cluster = await startCluster({ api: true });
  const answer = await fetch(`${cluster.api}/v1/clusters`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ clusterName: 'dual', kafkaVersion: '3.9.x.kraft', numberOfBrokerNodes: 3 },
      brokerNodeGroupInfo: {
        ...{ instanceType: 'kafka.m5.large', clientSubnets: ['subnet-1', 'subnet-2', 'subnet-3'] },
        connectivityInfo: { networkType: 'DUAL' },
      },
    }),
  });
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringMatching(/Dual-stack networking.*not built/),
  ]);
});
