import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import type { KafkaConnection } from '../client/connection.ts';
import { errorName } from '../protocol/errors.ts';
import { alterUserScramCredentials } from '../protocol/messages/51-alter-user-scram-credentials.ts';
import { saltPassword } from '../security/scram/credential.ts';
import { ITERATIONS_MIN, scramMechanisms } from '../security/scram/mechanism.ts';
import { type ClusterNodes, CONTROLLER_ID, INTERNAL_HOST } from './cluster-nodes.ts';

const TIMEOUT_MS = 30_000;
const POLL_MS = 2;
const SALT_BYTES = 24;

/**
 * Makes users that sign in by SCRAM, or gives them these passwords. Resolves when every running broker knows
 * them.
 */
export async function makeUsers(
  world: World,
  nodes: ClusterNodes,
  users: ReadonlyMap<string, string>,
): Promise<void> {
  if (users.size === 0) return;
  const port = nodes.controllerPort;
  if (port === null) throw new Error('The controller of this cluster does not run: no user can be made.');
  await nodes.peers.once(
    { node: CONTROLLER_ID, host: INTERNAL_HOST, port, clientId: 'millrace-library', timeoutMs: TIMEOUT_MS },
    (connection) => upsert(world, connection, users),
  );
  const deadline = world.clock.monotonic() + TIMEOUT_MS;
  const isKnown = () =>
    nodes.running.every(({ image }) =>
      [...users.keys()].every((name) => scramMechanisms.every(({ code }) => image.scram.get(name, code))),
    );
  while (!isKnown()) {
    if (world.clock.monotonic() > deadline) throw new Error('The brokers do not learn of the users.');
    await sleep(world.clock, POLL_MS);
  }
}

async function upsert(
  world: World,
  connection: KafkaConnection,
  users: ReadonlyMap<string, string>,
): Promise<void> {
  // A request may name a user once, so each mechanism has a request of its own.
  for (const mechanism of scramMechanisms) {
    const { results } = await connection.send(alterUserScramCredentials, {
      deletions: [],
      upsertions: [...users].map(([name, password]) => {
        const salt = Buffer.from(world.random.bytes(SALT_BYTES));
        const iterations = ITERATIONS_MIN;
        const saltedPassword = saltPassword(mechanism, password, { salt, iterations });
        return { name, mechanism: mechanism.code, iterations, salt, saltedPassword };
      }),
    });
    const failed = results.find(({ errorCode }) => errorCode !== 0);
    if (failed)
      throw new Error(
        `The user ${failed.user} cannot be made: ${errorName(failed.errorCode)}: ${failed.errorMessage}`,
      );
  }
}
