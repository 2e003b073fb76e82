import fs, { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scramChange } from '../../src/control/access/scram-logins.ts';
import { LOCK_FILE } from '../../src/control/folder-lock.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * The state after SIGKILL of the control plane at each point of a change of users. The data folder and the
 * brokers' state are copied before and after everything that takes effect outside the process; another
 * control plane continues from each copy.
 */

/** The state at one point. */
interface Remains {
  readonly folder: string;
  readonly users: ReadonlyMap<string, string>;
  /** The client that asked for the change had its answer. */
  readonly answered: boolean;
}

const exec = DatabaseSync.prototype.exec;
const renameSync = fs.renameSync;
let reached: () => void = () => {};

beforeEach(() => {
  DatabaseSync.prototype.exec = function (sql: string): void {
    if (sql === 'COMMIT') reached();
    exec.call(this, sql);
    if (sql === 'COMMIT') reached();
  };
  fs.renameSync = (from, to) => {
    reached();
    renameSync(from, to);
    reached();
  };
  syncBuiltinESMExports();
});
afterEach(() => {
  reached = () => {};
  DatabaseSync.prototype.exec = exec;
  fs.renameSync = renameSync;
  syncBuiltinESMExports();
});

const login = (username: string, password: string) =>
  JSON.stringify({ username, password: secret(password) });
const inOrder = (users: ReadonlyMap<string, string>) => [...users].sort();

/** Every change that was begun is complete: the brokers know what the secrets contain. */
function isSettled({ control }: ApiHarness, cluster: string): boolean {
  return scramChange(control.sealed.secrets, control.store.clusters.scram.of(cluster), 1) === null;
}

/**
 * Makes the change; the result is what a kill would have left at each point until the brokers know the
 * change.
 */
async function pointsOf(
  api: ApiHarness,
  { access, cluster }: { readonly access: FakeAccess; readonly cluster: string },
  change: () => Promise<unknown>,
): Promise<Remains[]> {
  const remains: Remains[] = [];
  let answered = false;
  reached = () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-remains-'));
    // The lock of the folder ends with the process that has it, so it is not copied.
    cpSync(api.data, folder, { recursive: true, filter: (path) => basename(path) !== LOCK_FILE });
    remains.push({ folder, users: new Map(access.users), answered });
  };
  await change();
  answered = true;
  await eventually('the brokers know it', () => isSettled(api, cluster));
  reached();
  reached = () => {};
  return remains;
}

test('a change of users that is killed anywhere is made or is not, and is made once it was answered', async () => {
  const access = new (class extends FakeAccess {
    override async alterScramUsers(...change: Parameters<FakeAccess['alterScramUsers']>): Promise<void> {
      reached();
      await super.alterScramUsers(...change);
      reached();
    }
  })([]);
  await using api = await ApiHarness.start(() => access);
  const options = {
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  const manager = new secrets.SecretsManagerClient(options);
  const keys = new kms.KMSClient(options);
  const { ClusterArn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } } },
    }),
  );
  await api.control.settled();
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  const SecretArnList: string[] = [];
  for (const user of ['alice', 'bob']) {
    const { ARN = '' } = await manager.send(
      new secrets.CreateSecretCommand({
        Name: `AmazonMSK_${user}`,
        KmsKeyId: KeyMetadata?.KeyId,
        SecretString: login(user, 'first'),
      }),
    );
    SecretArnList.push(ARN);
  }
  const [SecretId = ''] = SecretArnList;
  const both = { ClusterArn, SecretArnList };
  const changes = {
    BatchAssociateScramSecret: () => api.aws.send(new kafka.BatchAssociateScramSecretCommand(both)),
    PutSecretValue: () =>
      manager.send(new secrets.PutSecretValueCommand({ SecretId, SecretString: login('alice', 'second') })),
    UpdateSecret: () =>
      manager.send(new secrets.UpdateSecretCommand({ SecretId, SecretString: login('alicia', 'third') })),
    BatchDisassociateScramSecret: () => api.aws.send(new kafka.BatchDisassociateScramSecretCommand(both)),
  };

  for (const [name, change] of Object.entries(changes)) {
    const before = inOrder(access.users);
    const remains = await pointsOf(api, { access, cluster: ClusterArn }, change);
    const after = inOrder(access.users);
    expect(after).not.toEqual(before);
    // Two points for each: the secret or the association, the brokers, what they know; and the end.
    expect(remains.length, name).toBeGreaterThanOrEqual(7);
    expect(remains.at(-1)?.answered).toBe(true);
    for (const [point, { folder, users, answered }] of remains.entries()) {
      const known = new FakeAccess([]);
      for (const [user, password] of users) known.users.set(user, password);
      await using next = await ApiHarness.start(
        () => known,
        (data) => cpSync(folder, data, { recursive: true }),
      );
      await eventually(`${name} is over at point ${point}`, () => isSettled(next, ClusterArn));
      const now = inOrder(known.users);
      const where = `${name}, point ${point} of ${remains.length}, ${answered ? '' : 'not '}answered`;
      if (answered) expect(now, where).toEqual(after);
      else expect([before, after], where).toContainEqual(now);
      rmSync(folder, { recursive: true });
    }
  }
  manager.destroy();
  keys.destroy();
});
