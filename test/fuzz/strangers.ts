import type { Logger } from '../../src/base/log.ts';
import { type Random, Sfc32 } from '../../src/base/random.ts';
import type { BrokerContext } from '../../src/broker/context.ts';
import { handlers } from '../../src/broker/handlers.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { KafkaServer } from '../../src/server/kafka-server.ts';
import { alterBytes } from './alterations.ts';
import { DirectNetwork } from './direct-network.ts';
import type { FuzzOutcome } from './fuzz.ts';
import { NEVER_SAID } from './node-under-fire.ts';
import { endsAfter } from './run-length.ts';
import { alterScram, pick } from './sign-in-frames.ts';

/** The most frames of one connection: the first wrong one ends it. */
const FRAMES = 4;
/** The number of connections between two looks at the clock. */
const ROUND = 500;
/** Within so many milliseconds a connection that was destroyed is closed, on a busy machine too. */
const CLOSED_MS = 60_000;
/** The first bytes of a frame: key, version and correlation id. */
const HEADER_BYTES = 8;
const PLACE = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' };
const ANSWERED: readonly number[] = [apis.apiVersions.key, apis.saslHandshake.key, apis.saslAuthenticate.key];
const FIRST = Buffer.from('n,,n=alice,r=fyko+d2lbbFgONRv9qkxdawL');

/**
 * Sends frames of clients that have not signed in, nearly right, in one piece or several, to a server with
 * every handler of a broker, without sockets. None of the handlers may be called, whatever arrives, and the
 * server lives. The same seed does the same.
 */
export async function fuzzStrangers(seed: number, durationMs: number): Promise<FuzzOutcome> {
  const random = new Sfc32(seed);
  const failures: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, { error } = {}) => {
      if (NEVER_SAID.includes(message))
        failures.push(`${message}: ${error instanceof Error ? error.stack : String(error)}`);
    },
    child: () => log,
  };
  const world = nodeWorld(log);
  const network = new DirectNetwork(world.network);
  const server = new KafkaServer<BrokerContext>(
    { ...world, network, crash: (error) => failures.push(`the process would have ended: ${error.stack}`) },
    {
      handlers,
      context: new Proxy({} as BrokerContext, {
        get(_, name) {
          throw new Error(`a stranger came as far as the broker's ${String(name)}`);
        },
      }),
      listeners: [
        {
          name: 'C',
          purpose: 'client',
          host: '127.0.0.1',
          port: 0,
          sasl: {
            mechanisms: ['SCRAM-SHA-512', 'SCRAM-SHA-256'],
            credential: () => undefined,
            secret: () => Buffer.alloc(32, 1),
            requestBytesMax: 512 * 1024,
            maxReauthMs: 0,
            failureDelayMs: 0,
          },
        },
      ],
    },
  );
  await server.start();
  const frames = new Frames(random);
  const isOver = endsAfter(durationMs);
  let count = 0;
  try {
    while (!isOver(count) && failures.length === 0) {
      for (let i = 0; i < ROUND && failures.length === 0; i++) {
        const host = `127.${random.uint32() % 256}.${random.uint32() % 256}.${1 + (random.uint32() % 250)}`;
        const connection = network.open(server.port('C'), host);
        let mayBeAnswered = false;
        for (let left = 1 + (random.uint32() % FRAMES); left > 0 && !connection.isClosed; left--) {
          const frame = frames.next();
          count++;
          const length = Buffer.alloc(4);
          length.writeInt32BE(random.uint32() % 50 === 0 ? frames.length() : frame.length);
          const bytes = Buffer.concat([length, frame]);
          const cut = random.uint32() % 4 === 0 ? random.uint32() % bytes.length : 0;
          if (cut > 0) connection.push(bytes.subarray(0, cut));
          connection.push(bytes.subarray(cut));
          // After one turn of the event loop every answer has been sent.
          if (random.uint32() % 8 === 0) await new Promise((done) => setImmediate(done));
          else await undefined;
          // Also a late answer to an earlier frame.
          mayBeAnswered ||= frames.isSignIn || ANSWERED.includes(frame.readInt16BE(0));
          if (connection.takeAnswers().length > 0 && !mayBeAnswered)
            failures.push(`${frame.toString('hex').slice(0, 2000)} was answered before sign-in`);
        }
        connection.destroy();
      }
      await new Promise((done) => setImmediate(done));
    }
    const untilMs = performance.now() + CLOSED_MS;
    while (server.connectionCount > 0 && performance.now() < untilMs)
      await new Promise((done) => setTimeout(done, 20));
    if (server.connectionCount > 0) failures.push(`${server.connectionCount} connections were never closed`);
  } finally {
    await server.stop();
  }
  return { requests: count, failures };
}

/** The frames that such clients send. */
class Frames {
  /** Whether the last frame belonged to a sign-in. */
  isSignIn = false;
  readonly #random: Random;
  readonly #samples: readonly Buffer[];
  readonly #handshakes: readonly Buffer[];

  constructor(random: Random) {
    this.#random = random;
    const framesOf = (all: readonly AnyApi[]) =>
      all.flatMap((api) => {
        const [first, last] = api.versions;
        return Array.from({ length: last - first + 1 }, (_, i) =>
          requestFrame(api, first + i, sampleRequest(api, first + i, PLACE), 1),
        );
      });
    this.#samples = framesOf(Object.values<AnyApi>(apis));
    this.#handshakes = [
      ...[0, 1].map((version) =>
        requestFrame(apis.saslHandshake, version, { mechanism: 'SCRAM-SHA-512' }, 1),
      ),
      ...framesOf([apis.apiVersions]),
    ];
  }

  next(): Buffer {
    const random = this.#random;
    this.isSignIn = random.uint32() % 2 === 0;
    const frame = this.isSignIn ? this.#ofSignIn() : pick(this.#samples, random);
    if (random.uint32() % 2 === 0) return frame;
    const altered = alterBytes(frame, random, random.uint32() % 3 === 0 ? 0 : undefined);
    return altered.length >= HEADER_BYTES ? altered : frame;
  }

  /** A wrong length. */
  length(): number {
    return pick([-1, 0, 7, 8, 2 ** 20, 2 ** 31 - 1], this.#random);
  }

  #ofSignIn(): Buffer {
    if (this.#random.uint32() % 2 === 0) return pick(this.#handshakes, this.#random);
    const authBytes = alterScram(FIRST, this.#random);
    if (this.#random.uint32() % 4 === 0) return authBytes.length < HEADER_BYTES ? FIRST : authBytes;
    return requestFrame(apis.saslAuthenticate, this.#random.uint32() % 3, { authBytes }, 1);
  }
}
