import type { Logger } from '../../src/base/log.ts';
import { silent } from '../../src/base/log.ts';
import type { Random } from '../../src/base/random.ts';
import { Sfc32 } from '../../src/base/random.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { ProtocolError } from '../../src/protocol/reader.ts';
import { requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { ScramClient } from '../../src/security/scram/client.ts';
import { saltPassword } from '../../src/security/scram/credential.ts';
import { type ScramMechanism, scramMechanisms } from '../../src/security/scram/mechanism.ts';
import { FrameSocket } from '../support/frame-socket.ts';
import { secret } from '../support/secrets/secret.ts';
import { alterBytes } from './alterations.ts';
import type { FuzzOutcome } from './fuzz.ts';
import { endsAfter } from './run-length.ts';
import { decodeAnswer } from './served.ts';
import { alterScram, bareOf, pick, provesTheSame } from './sign-in-frames.ts';

/** Texts that a log may not have while a node only gets requests, however wrong they are. */
const NEVER_SAID = ['a request failed', 'our own code is wrong, and this process cannot go on'];
const USERS = { alice: secret('alice'), bob: secret('bob') } as const;
/** Sessions end during the test. */
const SESSION_MS = 200;
const ANSWER_MS = 60_000;
const HEALTHY_ATTEMPTS = 20;
/**
 * Milliseconds to wait for an answer that need not come: to a part of a frame, or to a request that waits or
 * wants none.
 */
const PATIENCE_MS = 50;
/** The number of attempts in progress at a time. */
const TOGETHER = 16;
/** The number of attempts between two checks of a normal client. */
const ROUND = 400;
const MECHANISM = scramMechanisms.find(({ name }) => name === 'SCRAM-SHA-512');

interface Place {
  readonly port: number;
  readonly ca: string | null;
}

/**
 * Connections that sign in nearly right, send something else instead, or continue after their session is
 * over, in plaintext and over TLS. Only alice with her password gets in, nothing is answered before that, and
 * the process lives. The same seed does the same.
 */
export async function fuzzSignIn(seed: number, durationMs: number): Promise<FuzzOutcome> {
  const random = new Sfc32(seed);
  const failures: string[] = [];
  const log: Logger = {
    ...silent,
    error: (message, { error } = {}) => {
      if (NEVER_SAID.includes(message))
        failures.push(`${message}: ${error instanceof Error ? error.stack : String(error)}`);
    },
    child: () => log,
  };
  const cluster = await startCluster({
    brokers: 1,
    signIn: 'scram',
    users: USERS,
    topics: ['orders'],
    listeners: { SECURE: { tls: true, signIn: 'scram' } },
    config: {
      'connection.failed.authentication.delay.ms': 0,
      'connections.max.reauth.ms': SESSION_MS,
    },
    log,
  });
  cluster.closed.catch((error: unknown) => failures.push(`the cluster ended: ${String(error)}`));
  const attacker = new Attacker(await placesOf(cluster), random, failures);
  const isOver = endsAfter(durationMs);
  try {
    while (!isOver(attacker.frames) && failures.length === 0) {
      const rounds = Array.from({ length: TOGETHER }, async () => {
        for (let i = 0; i < ROUND / TOGETHER && !isOver(attacker.frames) && failures.length === 0; i++)
          await attacker.attempt();
      });
      await Promise.all(rounds);
      await attacker.beHealthy();
    }
  } finally {
    await cluster.stop();
  }
  return { requests: attacker.frames, failures };
}

async function placesOf(cluster: StartedCluster): Promise<readonly Place[]> {
  const portOf = (bootstrap: string) => Number(bootstrap.split(':').at(-1));
  const plain = { port: portOf(cluster.bootstrap), ca: null };
  const secure = { port: portOf(cluster.bootstrapOf('SECURE')), ca: cluster.ca ?? '' };
  // A handshake takes longer than all the rest.
  return [plain, plain, plain, plain, plain, plain, plain, secure];
}

/** Before a sign-in only these are answered. */
const BEFORE_SIGN_IN: readonly number[] = [apis.apiVersions.key, apis.saslHandshake.key];
const SIGN_IN: readonly number[] = [apis.saslHandshake.key, apis.saslAuthenticate.key];

class Attacker {
  frames = 0;
  readonly #places: readonly Place[];
  readonly #random: Random;
  readonly #failures: string[];
  readonly #salted = new Map<string, Buffer>();
  readonly #all: readonly AnyApi[] = Object.values<AnyApi>(apis);

  constructor(places: readonly Place[], random: Random, failures: string[]) {
    this.#places = places;
    this.#random = random;
    this.#failures = failures;
  }

  async attempt(): Promise<void> {
    const socket = this.#connect();
    try {
      switch (this.#random.uint32() % 8) {
        case 0:
          return await this.#before(socket);
        case 1:
          return await this.#between(socket);
        case 2:
          return await this.#bare(socket);
        case 3:
          return await this.#after(socket);
        case 4:
          return await this.#bytes(socket);
        default:
          return await this.#exchange(socket);
      }
    } finally {
      socket.destroy();
    }
  }

  /** Alice signs in and gets an answer. */
  async beHealthy(): Promise<void> {
    for (const place of new Set(this.#places)) {
      let answer: Buffer | null = null;
      // On a busy machine the session may be over before her request arrives.
      for (let left = HEALTHY_ATTEMPTS; left > 0 && answer === null; left--) {
        const socket = this.#connect(place);
        const isIn = await this.#signIn(socket, 'alice', (message) => message);
        answer = isIn ? await this.#ask(socket, frameOf(apis.metadata, 9)) : null;
        socket.destroy();
      }
      if (answer === null) this.#failures.push(`alice was not served on ${place.ca ? 'TLS' : 'plaintext'}`);
    }
  }

  /** Any request, nearly right, of a client that has not signed in. */
  async #before(socket: FrameSocket): Promise<void> {
    for (let i = 0; i < 4; i++) {
      const frame = this.#anyFrame();
      const answer = await this.#ask(socket, frame);
      if (answer === null) return;
      const key = frame.readInt16BE(0);
      if (!BEFORE_SIGN_IN.includes(key)) this.#failed('was answered before sign-in', frame, answer);
      if (key === apis.apiVersions.key) this.#judgeVersions(frame, answer);
    }
  }

  /** Requests after the handshake, when only messages of the mechanism are allowed. */
  async #between(socket: FrameSocket): Promise<void> {
    if ((await this.#ask(socket, frameOf(apis.saslHandshake, 1, handshakeOf()))) === null) return;
    const frame = this.#anyFrame();
    const answer = await this.#ask(socket, frame);
    if (answer === null) return;
    const key = frame.readInt16BE(0);
    const isFine = key === apis.saslAuthenticate.key || key === apis.saslHandshake.key;
    if (!isFine) this.#failed('was answered in the middle of a sign-in', frame, answer);
    const after = await this.#ask(socket, frameOf(apis.metadata, 9));
    if (after !== null) this.#failed('came in without a proof', frame, after);
  }

  /** SCRAM with one or two of its messages altered, with Kafka's headers. */
  async #exchange(socket: FrameSocket): Promise<void> {
    const user = this.#random.uint32() % 4 === 0 ? 'nobody' : 'alice';
    const isIn = await this.#signIn(socket, user, (message) => this.#maybeAltered(message));
    const metadata = frameOf(apis.metadata, 9);
    const answer = socket.isClosed ? null : await this.#ask(socket, metadata);
    if (answer !== null && !isIn) this.#failed('was answered without a sign-in', metadata, answer);
  }

  /** The same without headers, as after SaslHandshake v0. */
  async #bare(socket: FrameSocket): Promise<void> {
    const shaken = await this.#ask(socket, frameOf(apis.saslHandshake, 0, handshakeOf()));
    if (shaken === null) return;
    const client = this.#client('alice');
    const first = client.first();
    const sentFirst = this.#maybeAltered(first);
    const reply = await this.#ask(socket, sentFirst);
    if (reply === null) return;
    const proof = this.#proof(client, reply);
    if (!proof) return;
    const sentFinal = this.#maybeAltered(proof);
    const last = await this.#ask(socket, sentFinal);
    const isRight = bareOf(sentFirst) === bareOf(first) && provesTheSame(sentFinal, proof);
    if (last !== null && !isRight) this.#failed('proved itself in another way', sentFinal, last);
    const metadata = frameOf(apis.metadata, 9);
    const answer = socket.isClosed ? null : await this.#ask(socket, metadata);
    if (answer !== null && !isRight) this.#failed('was answered without a sign-in', metadata, answer);
  }

  /** Requests of alice, also after her session is over, and attempts to make the session another user's. */
  async #after(socket: FrameSocket): Promise<void> {
    if (!(await this.#signIn(socket, 'alice', (message) => message))) return;
    const isOver = this.#random.uint32() % 2 === 0;
    if (isOver) await new Promise((done) => setTimeout(done, SESSION_MS + 50));
    for (let i = 0; i < 4 && !socket.isClosed; i++) {
      const frame = this.#anyFrame();
      const answer = await this.#ask(socket, frame, PATIENCE_MS);
      if (SIGN_IN.includes(frame.readInt16BE(0))) return;
      if (isOver && answer !== null) this.#failed('was answered after the end of the session', frame, answer);
    }
    if (socket.isClosed) return;
    const isBob = await this.#signIn(socket, 'bob', (message) => message);
    if (isBob) this.#failures.push('the session of alice became one of bob');
  }

  /** Bytes that are no frame, to a listener of either kind. */
  async #bytes(socket: FrameSocket): Promise<void> {
    const frame = this.#anyFrame();
    const length = Buffer.alloc(4);
    length.writeInt32BE(
      pick([-1, 0, 7, 8, 2 ** 20, 2 ** 31 - 1, frame.length - 1, frame.length + 1], this.#random),
    );
    this.frames++;
    const bytes = this.#random.uint32() % 2 === 0 ? Buffer.concat([length, frame]) : this.#noise(40);
    const answer = await socket.send(bytes, PATIENCE_MS);
    if (answer !== null && answer !== 'late' && !BEFORE_SIGN_IN.includes(frame.readInt16BE(0)))
      this.#failed('was answered before sign-in', bytes, answer);
  }

  /**
   * Whether the user is signed in afterwards: that must be so if nothing was altered, and must not be
   * otherwise.
   */
  async #signIn(
    socket: FrameSocket,
    user: 'alice' | 'bob' | 'nobody',
    alter: (message: Buffer) => Buffer,
  ): Promise<boolean> {
    const shaken = await this.#ask(socket, frameOf(apis.saslHandshake, 1, handshakeOf()));
    if (shaken === null) return false;
    const client = this.#client(user);
    const first = client.first();
    const sentFirst = alter(first);
    const reply = await this.#authenticate(socket, sentFirst);
    if (reply === null) return false;
    const proof = this.#proof(client, reply);
    if (!proof) return false;
    const sentFinal = alter(proof);
    const last = await this.#authenticate(socket, sentFinal);
    if (last === null) return false;
    const isRight =
      user !== 'nobody' && bareOf(sentFirst) === bareOf(first) && provesTheSame(sentFinal, proof);
    if (!isRight) this.#failed(`${user} proved itself in another way, ${sentFirst}`, sentFinal, last);
    return true;
  }

  /** The bytes of SaslAuthenticate's answer; null if it failed. */
  async #authenticate(socket: FrameSocket, authBytes: Buffer): Promise<Buffer | null> {
    const answer = await this.#ask(socket, frameOf(apis.saslAuthenticate, 2, { authBytes }));
    if (answer === null) return null;
    const decoded = decodeAnswer({ api: apis.saslAuthenticate, version: 2 }, answer);
    if (typeof decoded !== 'object' || decoded === null || !('errorCode' in decoded)) return null;
    const said = 'authBytes' in decoded && decoded.authBytes instanceof Uint8Array ? decoded.authBytes : [];
    if (decoded.errorCode === 0) return Buffer.from(said);
    if (said.length > 0) this.#failed('a failed sign-in told something', authBytes, answer);
    return null;
  }

  #proof(client: ScramClient, reply: Buffer): Buffer | null {
    try {
      return client.proof(reply);
    } catch {
      // The server answered the altered message, with another nonce.
      return null;
    }
  }

  #client(user: 'alice' | 'bob' | 'nobody'): ScramClient {
    const mechanism = mechanismOf();
    const password = user === 'nobody' ? USERS.alice : USERS[user];
    const saltedPassword = (salt: Buffer, iterations: number): Buffer => {
      const key = `${password} ${salt.toString('hex')} ${iterations}`;
      const salted = this.#salted.get(key) ?? saltPassword(mechanism, password, { salt, iterations });
      this.#salted.set(key, salted);
      return salted;
    };
    return new ScramClient(mechanism, { user, saltedPassword }, this.#random);
  }

  #maybeAltered(message: Buffer): Buffer {
    return this.#random.uint32() % 2 === 0 ? alterScram(message, this.#random) : message;
  }

  #anyFrame(): Buffer {
    const uint32 = () => this.#random.uint32();
    const isNear = uint32() % 3 === 0;
    const api = isNear
      ? pick<AnyApi>([apis.apiVersions, apis.saslHandshake, apis.saslAuthenticate], this.#random)
      : pick(this.#all, this.#random);
    const [first, last] = api.versions;
    const version = first + (uint32() % (last - first + 1));
    const frame = requestFrame(api, version, sampleRequest(api, version, PLACE), 1);
    if (uint32() % 2 === 0) return frame;
    const altered = alterBytes(frame, this.#random, uint32() % 3 === 0 ? 0 : undefined);
    // A shorter frame ends its connection, whatever is in it.
    return altered.length >= HEADER_BYTES_MIN ? altered : frame;
  }

  #judgeVersions(frame: Buffer, answer: Buffer): void {
    // A version that is not supported gets an error, in the first version's format.
    const isRefused = answer.length >= 6 && errorName(answer.readInt16BE(4)) === 'UNSUPPORTED_VERSION';
    const version = isRefused ? 0 : frame.readInt16BE(2);
    try {
      decodeAnswer({ api: apis.apiVersions, version }, answer);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#failed('ApiVersions was answered with what is no answer', frame, answer);
    }
  }

  #noise(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#random.uint32() % 256));
  }

  async #ask(socket: FrameSocket, frame: Buffer, withinMs = ANSWER_MS): Promise<Buffer | null> {
    this.frames++;
    const answer = await socket.ask(frame, withinMs);
    if (answer !== 'late') return answer;
    if (withinMs === ANSWER_MS)
      this.#failures.push(`no answer in ${ANSWER_MS} ms to ${frame.toString('hex')}`);
    socket.destroy();
    return null;
  }

  /** Connects from an address of its own, so that no limit of an address ends the attempts. */
  #connect(place = pick(this.#places, this.#random)): FrameSocket {
    const [a, b, c] = [0, 1, 2].map(() => 1 + (this.#random.uint32() % 250));
    return new FrameSocket(place.port, `127.${a}.${b}.${c}`, place.ca === null ? undefined : place.ca);
  }

  #failed(what: string, frame: Buffer, answer: Buffer): void {
    const hex = (bytes: Buffer) => bytes.toString('hex').slice(0, 2000);
    this.#failures.push(`${what}: ${hex(frame)} was answered with ${hex(answer)}`);
  }
}

/** Key, version and correlation id. */
const HEADER_BYTES_MIN = 8;
const PLACE = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' };

function mechanismOf(): ScramMechanism {
  if (!MECHANISM) throw new Error('there is no SCRAM-SHA-512');
  return MECHANISM;
}

function handshakeOf(): { readonly mechanism: string } {
  return { mechanism: mechanismOf().name };
}

function frameOf(api: AnyApi, version: number, message?: Record<string, unknown>): Buffer {
  return requestFrame(api, version, message ?? sampleRequest(api, version, PLACE), 1);
}
