import type { Logger } from '../base/log.ts';
import { type Crash, crashOnProgrammerError } from '../base/programmer-error.ts';
import { FRAME_LENGTH_BYTES } from '../protocol/frame.ts';
import { decodeRequestHeader, encodeResponseHeader } from '../protocol/headers.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { ProtocolError, REQUESTED_ELEMENTS_MAX, Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import { apiVersionsHandler, type Features, unsupportedApiVersions } from './api-versions.ts';
import type { Authorizer } from './authorizer.ts';
import { errorAnswer } from './error-answer.ts';
import { CLOSE_CONNECTION, type Handler, LastAnswer, NO_RESPONSE, type RequestWay } from './handler.ts';
import type { Origin } from './origin.ts';
import { NO_REQUEST_TIME, type RequestTimeQuota, throttled } from './request-time.ts';
import type { AllRequestTimes, RequestTimes } from './request-times.ts';
import { saslAuthenticateHandler, saslHandshakeHandler } from './sasl/sasl-handlers.ts';
import type { SaslSession } from './sasl/sasl-session.ts';
import { ServedApis, versionsOn } from './served-apis.ts';
import { ServedRequest } from './served-request.ts';

/** What becomes of a request: bytes to send, nothing to send, or the end of the connection. */
export type Outcome =
  | {
      readonly kind: 'answer';
      readonly parts: readonly Uint8Array[];
      readonly bytes: number;
      /** Why the connection ends after it. */
      readonly last?: string;
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'close'; readonly reason: string };

/**
 * About how many bytes an element of a list takes in memory: an object, and a string or a number of its own.
 */
const ELEMENT_BYTES = 200;
/** Requests with fewer elements are not counted beside their bytes, as most are. */
const LIGHT_ELEMENTS = 1000;
/** There is one on a connection, which may wait for long: a consumer of all partitions of a large broker. */
const LIGHT_SERIAL_ELEMENTS = 10_000;

/**
 * For how long requests with more elements may wait, in milliseconds: they take room from those of all other
 * clients. A fetch that comes again so soon costs its sender more than it costs others.
 */
const HEAVY_WAIT_MS = { serial: 100, other: 30_000 };

const NOTHING: Outcome = { kind: 'nothing' };

/**
 * Bytes -> api -> handler -> bytes. A request that cannot be understood, or that this listener does not
 * serve, ends its connection as it does in Kafka; ApiVersions of an unknown version is answered in v0. A
 * handler that fails for reasons outside our code is logged and answered with UNKNOWN_SERVER_ERROR where the
 * version has a place for it, and the broker goes on; one that fails because our code is wrong ends the
 * process.
 */
export class Dispatcher<Context> {
  readonly #context: Context;
  readonly #authorizer: Authorizer;
  readonly #requestTime: RequestTimeQuota;
  readonly #requestTimes: AllRequestTimes | null;
  readonly #world: Crash & { readonly log: Logger };
  readonly #served: ServedApis<Context>;

  constructor(options: {
    readonly handlers: readonly Handler<Context>[];
    readonly context: Context;
    readonly authorizer: Authorizer;
    readonly features: () => Features;
    /**
     * By the key of an API, the newest version that clients may use, and no API that is not in it; by default
     * all that there is.
     */
    readonly clientVersions?: ReadonlyMap<number, number> | null;
    readonly requestTime?: RequestTimeQuota;
    /** Where the time that requests take is kept; by default it is not measured. */
    readonly requestTimes?: AllRequestTimes | null;
    readonly world: Crash & { readonly log: Logger };
  }) {
    this.#context = options.context;
    this.#authorizer = options.authorizer;
    this.#requestTime = options.requestTime ?? NO_REQUEST_TIME;
    this.#requestTimes = options.requestTimes ?? null;
    this.#world = options.world;
    const served = new ServedApis<Context>(options.clientVersions ?? null, this.#requestTimes);
    for (const handler of options.handlers) served.add(handler);
    served.add(saslHandshakeHandler<Context>());
    served.add(saslAuthenticateHandler<Context>());
    served.add(apiVersionsHandler<Context>((listener) => served.advertised(listener), options.features));
    this.#served = served;
  }

  /**
   * Serves one frame (without its length). The frame's bytes are not used after this returns, except by what
   * it returns when that is already an Outcome.
   */
  dispatch(frame: Buffer, origin: Origin, way: RequestWay): Outcome | Promise<Outcome> {
    if (origin.refusal) return close(origin.refusal);
    if (origin.sasl?.expectsBareMessage) return this.#bareMessage(frame, origin.sasl);
    const apiKey = frame.readInt16BE(0);
    const apiVersion = frame.readInt16BE(2);
    const api = this.#served.get(apiKey);
    const versions = api && versionsOn(api, origin.listener);
    if (!api || !versions) return close(`api key ${apiKey} is not served here`);
    const { handler } = api;
    if (origin.sasl?.admits(apiKey) === false)
      return close(`${handler.api.name} came while the client was not signed in`);
    if (apiVersion < versions[0] || apiVersion > versions[1]) {
      if (apiKey !== apiVersions.key) return close(`${handler.api.name} has no version ${apiVersion} here`);
      return encode(handler, 0, frame.readInt32BE(4), unsupportedApiVersions(versions));
    }
    let request: unknown;
    const times = origin.listener === 'client' ? api.clientTimes : api.peerTimes;
    const startedAt = times === null ? 0 : this.#now();
    const began = this.#isTimed(origin) ? this.#requestTime.now() : null;
    try {
      const reader = new Reader(
        api.copies ? Buffer.from(frame) : frame,
        origin.isPeer ? Number.POSITIVE_INFINITY : REQUESTED_ELEMENTS_MAX,
      );
      const header = decodeRequestHeader(reader);
      request = handler.api.request(apiVersion).decode(reader);
      const lightElements = handler.serial ? LIGHT_SERIAL_ELEMENTS : LIGHT_ELEMENTS;
      const isHeavy = reader.elements > lightElements && !origin.isPeer;
      if (isHeavy) way.weighs?.(reader.elements * ELEMENT_BYTES);
      const asked: Asked<Context> = {
        handler,
        version: apiVersion,
        correlationId: header.correlationId,
        request,
      };
      if (origin.peer && !mayCome(handler, request, apiVersion, origin.peer))
        return this.#impostor(asked, origin.peer);
      const info = new ServedRequest(header, {
        origin,
        authorizer: this.#authorizer,
        way,
        requestBytes: frame.length,
        waitMsMax: isHeavy ? HEAVY_WAIT_MS[handler.serial ? 'serial' : 'other'] : Number.POSITIVE_INFINITY,
      });
      const answer = handler.run(this.#context, request, info);
      const throttleMs = began === null ? 0 : this.#throttle(info, this.#requestTime.now() - began);
      if (!(answer instanceof Promise)) {
        const outcome = outcomeOf(asked, throttled(handler.api, answer, throttleMs));
        if (times !== null) this.#timed(times, startedAt, this.#now());
        return outcome;
      }
      const waitsFrom = times === null ? 0 : this.#now();
      return answer.then(
        (value) => {
          const outcome = this.#settled(asked, throttled(handler.api, value, throttleMs));
          if (times !== null) this.#timed(times, startedAt, waitsFrom);
          return outcome;
        },
        (error: unknown) => this.#failed(asked, error),
      );
    } catch (error) {
      if (error instanceof ProtocolError)
        return close(`${handler.api.name} v${apiVersion}: ${error.message}`);
      return this.#failed(
        { handler, version: apiVersion, correlationId: frame.readInt32BE(4), request },
        error,
      );
    }
  }

  /** Refuses a request in which a peer claims to be another node, and ends the connection. */
  #impostor({ handler, version, correlationId, request }: Asked<Context>, peer: PeerIdentity): Outcome {
    const { api } = handler;
    this.#world.log.warn('a node was refused that says it is another one', { api: api.name, ...peer });
    const answer = errorAnswer(api, version, request, 'CLUSTER_AUTHORIZATION_FAILED');
    return answer
      ? outcomeOf({ handler, version, correlationId, request }, new LastAnswer(answer))
      : close(`${api.name} came in the name of another node`);
  }

  #now(): number {
    return this.#requestTimes?.now() ?? 0;
  }

  /**
   * Records a request that is answered now. `startedAt`: when it began; `waitsFrom`: when it first had to
   * wait.
   */
  #timed(times: RequestTimes, startedAt: number, waitsFrom: number): void {
    const now = this.#now();
    times.record(now, waitsFrom - startedAt, now - startedAt);
  }

  /** Quotas are for clients that are known: not for brokers among themselves, and not before sign-in. */
  #isTimed({ listener, sasl }: Origin): boolean {
    return this.#requestTime.exists && listener === 'client' && sasl?.principal !== null;
  }

  /**
   * Counts `ms` for the client: the time until the request first had to wait. As in Kafka, the waiting itself
   * is not counted.
   */
  #throttle(info: ServedRequest, ms: number): number {
    const throttleMs = this.#requestTime.count(info, ms);
    if (throttleMs > 0) info.mute(throttleMs);
    return throttleMs;
  }

  /** Message and answer have no Kafka header: a length and bytes, as after SaslHandshake v0. */
  async #bareMessage(frame: Buffer, sasl: SaslSession): Promise<Outcome> {
    const answer = await sasl.authenticate(Buffer.from(frame));
    if ('error' in answer) return close(`a client did not sign in: ${answer.error}`);
    const writer = new Writer(answer.authBytes.length, FRAME_LENGTH_BYTES);
    writer.raw(answer.authBytes);
    writer.setLength();
    return { kind: 'answer', bytes: writer.byteLength, parts: writer.parts() };
  }

  /** Whether nothing may be begun on the connection while this request is under way. */
  isSerial(frame: Buffer): boolean {
    return this.#served.get(frame.readInt16BE(0))?.handler.serial === true;
  }

  #settled(asked: Asked<Context>, value: unknown): Outcome {
    try {
      return outcomeOf(asked, value);
    } catch (error) {
      return this.#failed(asked, error);
    }
  }

  #failed(asked: Asked<Context>, error: unknown): Outcome {
    const { handler, version, request } = asked;
    const { api } = handler;
    this.#world.log.error('a request failed', { api: api.name, version, error });
    if (crashOnProgrammerError(this.#world, error)) return close(`${api.name} failed`);
    const answer = request === undefined ? null : errorAnswer(api, version, request, 'UNKNOWN_SERVER_ERROR');
    if (!answer) return close(`${api.name} failed`);
    try {
      return outcomeOf(asked, answer);
    } catch (encodingError) {
      return close(`${api.name} failed, and so did its answer: ${String(encodingError)}`);
    }
  }
}

/** A request that was understood. */
interface Asked<Context> {
  readonly handler: Handler<Context>;
  readonly version: number;
  readonly correlationId: number;
  readonly request: unknown;
}

function outcomeOf({ handler, version, correlationId }: Asked<never>, answer: unknown): Outcome {
  if (answer === NO_RESPONSE) return NOTHING;
  if (answer === CLOSE_CONNECTION) return close(`${handler.api.name} asked for it`);
  if (answer instanceof LastAnswer) {
    const last = encode(handler, version, correlationId, answer.answer);
    return last.kind === 'answer' ? { ...last, last: `${handler.api.name} failed` } : last;
  }
  return encode(handler, version, correlationId, answer);
}

/** Whether a request of this peer says that it comes from this peer, if it says anything of it. */
function mayCome(handler: Handler<never>, request: unknown, version: number, peer: PeerIdentity): boolean {
  const id = handler.claims?.(request, version) ?? -1;
  if (id < 0) return true;
  return peer.kind === 'node' ? peer.id === id : handler.controlPlaneMay?.(request) === true;
}

function close(reason: string): Outcome {
  return { kind: 'close', reason };
}

/** The first size of an answer's buffer, in bytes. Most answers fit; the buffer grows for larger ones. */
const ANSWER_BYTES_HINT = 256;

function encode(handler: Handler<never>, version: number, correlationId: number, answer: unknown): Outcome {
  const writer = new Writer(ANSWER_BYTES_HINT, FRAME_LENGTH_BYTES);
  encodeResponseHeader(writer, handler.api, version, correlationId);
  handler.api.response(version).encode(writer, answer);
  writer.setLength();
  return { kind: 'answer', bytes: writer.byteLength, parts: writer.parts() };
}
