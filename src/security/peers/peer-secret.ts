import { createHash } from 'node:crypto';
import { ScramError, type ScramLogin } from '../scram/client.ts';
import { credentialOf, type ScramCredential, saltPassword } from '../scram/credential.ts';
import { ITERATIONS_MAX, type ScramMechanism, scramMechanisms } from '../scram/mechanism.ts';

/** The name that nodes sign in by; it is no user of the cluster, and a user of this name is no node. */
const PEER = 'node';
/** The secret is random, so it is not found by guessing, however quick a guess is. */
const ITERATIONS = 1;
const SALT_BYTES = 24;

/**
 * Whom the listeners of a node let in: nodes of its cluster alone, or everybody, while a cluster of a release
 * that had no secret is brought to it. A node that lets everybody in signs in itself where it is asked to.
 */
export type PeerAccess = 'nodes' | 'everybody';

/** The mechanism that nodes use among themselves. */
export const PEER_MECHANISM: ScramMechanism = strongest();

/**
 * What the nodes of one cluster know and nobody else: a node signs in with it to the listeners for
 * replication and of the controller, and sees in the answer that the other side knows it, too (RFC 5802).
 */
export class PeerSecret {
  readonly login: ScramLogin;
  readonly #credential: ScramCredential;

  /** `secret`: at least 128 random bits as text. */
  constructor(secret: string) {
    const salt = createHash('sha256').update('salt of nodes').update(secret).digest().subarray(0, SALT_BYTES);
    const saltedPassword = saltPassword(PEER_MECHANISM, secret, { salt, iterations: ITERATIONS });
    this.#credential = credentialOf(PEER_MECHANISM, { salt, iterations: ITERATIONS, saltedPassword });
    this.login = {
      user: PEER,
      saltedPassword: (theirSalt, iterations) => {
        if (theirSalt.equals(salt) && iterations === ITERATIONS) return saltedPassword;
        if (iterations < 1 || iterations > ITERATIONS_MAX) throw new ScramError('too many iterations');
        return saltPassword(PEER_MECHANISM, secret, { salt: theirSalt, iterations });
      },
    };
  }

  /** What a listener checks a node's proof with; undefined for any other name. */
  credential(user: string): ScramCredential | undefined {
    return user === PEER ? this.#credential : undefined;
  }
}

function strongest(): ScramMechanism {
  const mechanism = scramMechanisms.find(({ name }) => name === 'SCRAM-SHA-512');
  if (!mechanism) throw new Error('SCRAM-SHA-512 is one of the mechanisms');
  return mechanism;
}
