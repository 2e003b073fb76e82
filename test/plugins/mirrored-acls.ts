import { type AclEntry, Kafka, logLevel } from 'kafkajs';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from '../support/kafkajs-enums.ts';
import { eventually } from '../support/millrace.ts';

const MIRRORED_MS = 60_000;

/** May a user read a topic: what MirrorMaker copies with the topic. */
const mayRead = (topic: string): AclEntry => ({
  resourceType: AclResourceTypes.TOPIC,
  resourceName: topic,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: AclOperationTypes.READ,
  permissionType: AclPermissionTypes.ALLOW,
});

export async function letAliceRead(bootstrap: string, topic: string): Promise<void> {
  await asAdmin(bootstrap, (admin) => admin.createAcls({ acl: [mayRead(topic)] }));
}

/** Resolves when alice may read the topic of this cluster, too; rejects after a minute. */
export async function aliceMayRead(bootstrap: string, topic: string): Promise<void> {
  await asAdmin(bootstrap, (admin) =>
    eventually(
      `an ACL lets alice read ${topic}`,
      async () => (await admin.describeAcls(mayRead(topic))).resources.length > 0,
      MIRRORED_MS,
    ),
  );
}

async function asAdmin(
  bootstrap: string,
  act: (admin: ReturnType<Kafka['admin']>) => Promise<unknown>,
): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await act(admin);
  await admin.disconnect();
}
