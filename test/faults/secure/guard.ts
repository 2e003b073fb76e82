import { randomBytes } from 'node:crypto';
import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { eventually } from '../../support/millrace.ts';
import { passingFile } from '../../support/passing-file.ts';
import { type Login, scramLogin } from '../login.ts';

const ACTIVE_MS = 180_000;
/** A changed secret reaches the brokers within a second, and a killed control plane is back after a few. */
const KNOWN_MS = 60_000;
/** The number of attempts of a call, because the control plane may be starting again. */
const ATTEMPTS = 25;
const SCRAM = { Sasl: { Scram: { Enabled: true } } } as const;

/** One ACL with the fields of the API. */
export interface GuardedAcl {
  readonly resourceType: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER';
  readonly resourceName: string;
  readonly principal: string;
  readonly operation: string;
}

/**
 * The rights of each user. Every resource has an ACL, so that none is open for lack of one; mallory has a
 * topic of her own and nothing else.
 */
const RIGHTS: Readonly<Record<string, readonly (readonly [GuardedAcl['resourceType'], string, string])[]>> = {
  owner: [
    ['TOPIC', '*', 'ALL'],
    ['GROUP', '*', 'ALL'],
    ['TRANSACTIONAL_ID', '*', 'ALL'],
    ['CLUSTER', 'kafka-cluster', 'ALL'],
  ],
  producer: [['TOPIC', 'history', 'WRITE']],
  consumer: [
    ['TOPIC', 'history', 'READ'],
    ['GROUP', 'faults', 'READ'],
  ],
  teller: [
    ['TOPIC', 'bank', 'WRITE'],
    ['TOPIC', 'bank', 'READ'],
    ['TRANSACTIONAL_ID', 'teller', 'WRITE'],
  ],
  changing: [['TOPIC', 'journal', 'WRITE']],
  guest: [],
  mallory: [['TOPIC', 'own', 'WRITE']],
};

/** The ways in which clients may sign in, besides SCRAM. */
export const WAYS_IN = {
  'passwords alone': { ...SCRAM },
  'passwords, and TLS for everybody': { ...SCRAM, Unauthenticated: { Enabled: true } },
} as const;
export type WayIn = keyof typeof WAYS_IN;

/**
 * A cluster whose clients sign in over TLS, with its users and their rights, made and changed by the calls
 * that people use on MSK.
 */
export class Guard {
  readonly arn: string;
  readonly bootstrap: string;
  readonly ca: string;
  readonly users = Object.keys(RIGHTS);
  readonly #api: string;
  readonly #caFile: string;
  readonly #msk: kafka.KafkaClient;
  readonly #manager: secrets.SecretsManagerClient;
  readonly #passwords: Map<string, string>;
  readonly #logins = new Map<string, Login>();
  wayIn: WayIn = 'passwords alone';

  /** Resolves when every user signs in. */
  static async create(api: string, options: { name: string; brokers: number }): Promise<Guard> {
    const client = {
      endpoint: api,
      region: 'us-east-1',
      maxAttempts: ATTEMPTS,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    };
    const msk = new kafka.KafkaClient(client);
    const zones = ['a', 'b', 'c'].slice(0, options.brokers);
    const { ClusterArn: arn = '' } = await msk.send(
      new kafka.CreateClusterCommand({
        ClusterName: options.name,
        // The workloads produce by topic id, which Kafka supports from 4.0 on.
        KafkaVersion: '4.1.x.kraft',
        NumberOfBrokerNodes: options.brokers,
        BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: zones },
        ClientAuthentication: SCRAM,
      }),
    );
    await isActive(msk, arn);
    const { BootstrapBrokerStringSaslScram: bootstrap = '' } = await msk.send(
      new kafka.GetBootstrapBrokersCommand({ ClusterArn: arn }),
    );
    const ca = await (await fetch(`${api}/ca.pem`)).text();
    const guard = new Guard(api, { arn, bootstrap, ca }, msk, new secrets.SecretsManagerClient(client));
    await guard.#makeUsers(new kms.KMSClient(client));
    await guard.#change('acls', {
      acls: Object.entries(RIGHTS).flatMap(([user, rights]) =>
        rights.map(([resourceType, resourceName, operation]) =>
          named({ resourceType, resourceName, operation, principal: `User:${user}` }),
        ),
      ),
    });
    return guard;
  }

  private constructor(
    api: string,
    { arn, bootstrap, ca }: Pick<Guard, 'arn' | 'bootstrap' | 'ca'>,
    msk: kafka.KafkaClient,
    manager: secrets.SecretsManagerClient,
  ) {
    this.#api = api;
    this.arn = arn;
    this.bootstrap = bootstrap;
    this.ca = ca;
    this.#caFile = passingFile('ca.pem', ca);
    this.#msk = msk;
    this.#manager = manager;
    this.#passwords = new Map(this.users.map((user) => [user, newPassword()]));
  }

  passwordOf(user: string): string {
    return this.#passwords.get(user) ?? '';
  }

  /** By default with the newest known password of the user. */
  login(user: string, password = this.passwordOf(user)): Login {
    const key = JSON.stringify([user, password]);
    const made = this.#logins.get(key) ?? scramLogin(user, password, { ca: this.ca, caFile: this.#caFile });
    this.#logins.set(key, made);
    return made;
  }

  /**
   * Resolves with the new password when Secrets Manager has stored it; the brokers learn of it a moment
   * later.
   */
  async changePassword(user: string): Promise<string> {
    const password = newPassword();
    await this.#manager.send(
      new secrets.PutSecretValueCommand({ SecretId: secretOf(user), SecretString: login(user, password) }),
    );
    this.#passwords.set(user, password);
    return password;
  }

  allow(acl: GuardedAcl): Promise<void> {
    return this.#change('acls', { acls: [named(acl)] });
  }

  forbid(acl: GuardedAcl): Promise<void> {
    return this.#change('acls/remove', { filters: [named(acl)] });
  }

  /** All ACLs as text, in a stable order. */
  async acls(): Promise<string[]> {
    const answer = await fetch(this.#url('acls'));
    const { acls }: { acls: object[] } = JSON.parse(await answer.text());
    return acls.map((acl) => JSON.stringify(acl)).sort();
  }

  /** Resolves when the cluster is ACTIVE again. */
  async updateSecurity(wayIn: WayIn): Promise<void> {
    const { ClusterInfo } = await this.#msk.send(new kafka.DescribeClusterCommand({ ClusterArn: this.arn }));
    await this.#msk.send(
      new kafka.UpdateSecurityCommand({
        ClusterArn: this.arn,
        CurrentVersion: ClusterInfo?.CurrentVersion,
        ClientAuthentication: { Unauthenticated: { Enabled: false }, ...WAYS_IN[wayIn] },
      }),
    );
    await isActive(this.#msk, this.arn);
    this.wayIn = wayIn;
  }

  async #makeUsers(keys: kms.KMSClient): Promise<void> {
    const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
    keys.destroy();
    const arns: string[] = [];
    for (const user of this.users) {
      const SecretString = login(user, this.passwordOf(user));
      const { ARN = '' } = await this.#manager.send(
        new secrets.CreateSecretCommand({ Name: secretOf(user), KmsKeyId: KeyMetadata?.KeyId, SecretString }),
      );
      arns.push(ARN);
    }
    const { UnprocessedScramSecrets } = await this.#msk.send(
      new kafka.BatchAssociateScramSecretCommand({ ClusterArn: this.arn, SecretArnList: arns }),
    );
    if (UnprocessedScramSecrets?.length !== 0) throw new Error(JSON.stringify(UnprocessedScramSecrets));
  }

  /** Retried while the control plane or the cluster is away. */
  async #change(path: string, change: object): Promise<void> {
    let problem = '';
    await eventually(
      `${path} ${JSON.stringify(change)}`,
      async () => {
        const answer = await fetch(this.#url(path), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(change),
        }).catch(() => null);
        problem = answer === null ? 'no answer' : await answer.text();
        if (answer !== null && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
          throw new Error(`${path}: ${problem}`);
        return answer?.ok === true;
      },
      KNOWN_MS,
    ).catch((cause: unknown) => {
      throw new Error(`${path} was not changed: ${problem}`, { cause });
    });
  }

  #url(path: string): string {
    return `${this.#api}/millrace/v1/clusters/${encodeURIComponent(this.arn)}/${path}`;
  }

  close(): void {
    this.#msk.destroy();
    this.#manager.destroy();
  }
}

async function isActive(msk: kafka.KafkaClient, arn: string): Promise<void> {
  await eventually(
    'the cluster is ACTIVE',
    async () => {
      const { ClusterInfo } = await msk.send(new kafka.DescribeClusterCommand({ ClusterArn: arn }));
      if (ClusterInfo?.State === 'FAILED') throw new Error(JSON.stringify(ClusterInfo.StateInfo));
      return ClusterInfo?.State === 'ACTIVE';
    },
    ACTIVE_MS,
  );
}

function named(acl: GuardedAcl): object {
  return { ...acl, patternType: 'LITERAL', host: '*', permissionType: 'ALLOW' };
}

function secretOf(user: string): string {
  return `AmazonMSK_${user}`;
}

function login(username: string, password: string): string {
  return JSON.stringify({ username, password });
}

function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
