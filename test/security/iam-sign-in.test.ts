import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { directoryText } from '../../src/security/iam/directory-file.ts';
import * as known from '../../src/security/iam/testing/known-identities.ts';
import { bearerMessage, mskIamMessage, type ToSign } from '../../src/security/iam/testing/signed-messages.ts';
import { type IamBroker, kafkaOf, startIamBroker } from '../support/iam-broker.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** Sign-in by IAM on a broker's own listener, with messages that AWS's own signer signed. */

const SECRET = secret('alice');
const KEY = { accessKeyId: known.KEY.accessKeyId, secretAccessKey: SECRET };
const SERVICE_HOST = `kafka.${known.REGION}.amazonaws.com`;
const ALLOWED = policy('Allow');
let broker: IamBroker;

function policy(effect: 'Allow' | 'Deny', action = 'kafka-cluster:*'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: action, Resource: '*' }],
  });
}

/** The users and roles with another secret and policy. */
function directory(text = ALLOWED, change = (file: ReturnType<typeof known.identities>) => file): string {
  const file = known.identities(text);
  const users = file.users.map((user) => ({
    ...user,
    accessKeys: user.accessKeys.map((key) => ({ ...key, secret: SECRET })),
  }));
  return directoryText(change({ ...file, users }));
}

const withoutKeys = (file: ReturnType<typeof known.identities>) => ({
  ...file,
  users: file.users.map((user) => ({ ...user, accessKeys: [] })),
});

const withoutRoles = (file: ReturnType<typeof known.identities>) => ({ ...file, roles: [] });

beforeAll(async () => {
  broker = await startIamBroker(directory(), { 'connection.failed.authentication.delay.ms': '0' });
});

afterAll(() => broker?.stop());

/** A broker looks at the file twice a second. */
beforeEach(async () => {
  broker.writeDirectory(directory());
  const [{ kafka }] = mechanisms;
  await eventually('the directory counts', async () => {
    const role = await attempt(kafka(known.temporaryKey(Date.now() + 900_000)));
    return role === 'in' && (await attempt(kafka({}))) === 'in';
  });
});

/** With a mechanism of kafkajs's interface for them, as the ones for AWS_MSK_IAM are. */
function byMskIam(message: () => Promise<Buffer>): Kafka {
  return kafkaOf(broker, {
    mechanism: 'AWS_MSK_IAM',
    authenticationProvider: ({
      saslAuthenticate,
    }: {
      saslAuthenticate: (request: object) => Promise<unknown>;
    }) => ({
      authenticate: async () => {
        const bytes = await message();
        const length = Buffer.alloc(4);
        length.writeInt32BE(bytes.length);
        await saslAuthenticate({
          request: { encode: () => Buffer.concat([length, bytes]) },
          response: { decode: (raw: Buffer) => raw, parse: (raw: Buffer) => raw },
        });
      },
    }),
  });
}

function byBearer(message: () => Promise<Buffer>): Kafka {
  const oauthBearerProvider = async () => ({
    value: /Bearer ([\w-]+)/.exec(String(await message()))?.[1] ?? '',
  });
  return kafkaOf(broker, { mechanism: 'oauthbearer', oauthBearerProvider });
}

const mechanisms = [
  {
    name: 'AWS_MSK_IAM',
    kafka: (differing: Partial<ToSign>) =>
      byMskIam(() =>
        mskIamMessage({ ...KEY, host: 'localhost', region: known.REGION, at: Date.now(), ...differing }),
      ),
  },
  {
    name: 'OAUTHBEARER',
    kafka: (differing: Partial<ToSign>) =>
      byBearer(() =>
        bearerMessage({ ...KEY, host: SERVICE_HOST, region: known.REGION, at: Date.now(), ...differing }),
      ),
  },
] as const;

async function attempt(kafka: Kafka): Promise<string> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return 'in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await admin.disconnect();
  }
}

describe.each(mechanisms)('by $name', ({ kafka }) => {
  test('a user is let in with the right secret, and a role with credentials that are not over', async () => {
    expect(await attempt(kafka({}))).toBe('in');
    expect(await attempt(kafka(known.temporaryKey(Date.now() + 900_000)))).toBe('in');
  });

  test.each<[string, Partial<ToSign>, string]>([
    ['wrong secret', { secretAccessKey: `${SECRET}x` }, 'wrong-signature'],
    ['expired request', { at: Date.now() - 3_600_000 }, 'expired'],
    ['other region', { region: 'us-west-2' }, 'wrong-region'],
    ['other host', { host: 'b-2.elsewhere.example' }, 'wrong-host'],
  ])(
    'nobody is let in with a %s, and the log says why beside the id that the client was told',
    async (_, differing, reason) => {
      const told = await attempt(kafka(differing));
      expect(told).toMatch(/\[[0-9a-f-]{36}\]: Access denied/);
      const [id = 'none'] = /[0-9a-f-]{36}/.exec(told) ?? [];
      const line = broker.lines.find((one) => one.includes(reason) && one.includes('refused'));
      expect(line).toBeDefined();
      if (reason === 'wrong-host') expect(line).toContain('none of this broker');
      expect(broker.lines.some((one) => one.includes(id))).toBe(true);
      expect(await broker.metrics()).toMatch(
        new RegExp(`millrace_iam_sign_ins_refused_total\\{.*reason="${reason}"`),
      );
    },
  );

  test('who has no policy for it may not connect', async () => {
    broker.writeDirectory(directory(policy('Allow', 'kafka-cluster:ReadData')));
    await eventually('the policy counts', async () => /Access denied/.test(await attempt(kafka({}))));
    broker.writeDirectory(directory());
    await eventually('the policy is gone', async () => (await attempt(kafka({}))) === 'in');
  });

  test.each([
    ['key', withoutKeys, () => ({})],
    ['role', withoutRoles, () => known.temporaryKey(Date.now() + 900_000)],
  ] as const)('an open connection ends when its %s is deleted', async (_, without, differing) => {
    const admin = kafka(differing()).admin();
    await eventually('the directory counts', async () => (await attempt(kafka(differing()))) === 'in');
    await admin.connect();
    expect(await admin.listTopics()).toEqual([]);
    broker.writeDirectory(directory(ALLOWED, without));
    await eventually('the broker closed it', () =>
      admin.listTopics().then(
        () => false,
        () => true,
      ),
    );
    await admin.disconnect();
  });
});

test('without a directory nobody signs in by IAM, and everybody else goes on', async () => {
  broker.writeDirectory('{');
  const [iam] = mechanisms;
  await eventually('nobody signs in', async () => /Access denied/.test(await attempt(iam.kafka({}))));
  const open = new Kafka({ brokers: [broker.open], logLevel: logLevel.NOTHING });
  expect(await attempt(open)).toBe('in');
});

test('no line of the log has a secret', () => {
  expect(broker.lines.filter((line) => line.includes(SECRET) || line.includes(known.SECRET))).toEqual([]);
});
