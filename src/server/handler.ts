import type { AnyApi, RequestOf, ResponseOf } from '../protocol/api.ts';
import type { IamIdentity } from '../security/iam/directory.ts';
import type { Authorize, AuthorizeSome, Right } from './authorizer.ts';
import type { SaslSession } from './sasl/sasl-session.ts';

/** What a listener is for. Peers of one purpose are never trusted with the requests of another. */
export type ListenerPurpose = 'client' | 'replication' | 'controller';

/**
 * What a handler knows of a request beside its body. `Rights` are those that it may ask the authorizer for.
 */
export interface RequestInfo<Rights extends Right = never> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly principal: string;
  /** What was proved of a client that signed in by IAM; null for others. */
  readonly iam: IamIdentity | null;
  readonly clientHost: string;
  /** A broker, the controller or the control plane of this cluster. */
  readonly isPeer: boolean;
  readonly listener: ListenerPurpose;
  readonly listenerName: string;
  /** Distinguishes connections of one broker, as Kafka's connection id does. */
  readonly connectionId: string;
  /** Counts up in the order in which the broker's connections came. */
  readonly connectionNumber: number;
  /** The sign-in of the connection, on a listener where clients sign in; null on others. */
  readonly sasl: SaslSession | null;
  /** Whether the caller may do this; a No refuses what it asked for. */
  readonly authorize: Authorize<Rights>;
  /** The same where a No refuses nothing: for what lists show, and where another right is asked for then. */
  readonly allows: Authorize<Rights>;
  readonly authorizeSome: AuthorizeSome<Rights>;
  /**
   * Runs `release` once the answer's bytes went to the kernel, or the connection died: for answers that refer
   * to memory which is reused afterwards.
   */
  afterWrite(release: () => void): void;
  readonly output: AnswerMemory;
  /** The size of the request as it came, without its length field. */
  readonly requestBytes: number;
  /**
   * For how long, in milliseconds, a handler that waits as long as its client asks for may wait: without an
   * end for most requests.
   */
  readonly waitMsMax: number;
  /** Begins nothing more on the connection for so long: its client is over a quota (KIP-219). */
  mute(forMs: number): void;
}

/** What a handler may ask of the connection that its request came from. */
export type RequestWay = Pick<RequestInfo, 'afterWrite' | 'output' | 'mute'> & {
  /**
   * What the request takes in memory beside its bytes until it is answered: counted as if it had come. One
   * that came in an envelope is counted where its client is.
   */
  weighs?(bytes: number): void;
};

/**
 * For answers that may be large: the memory that they are read into, which all connections of a kind share.
 */
export interface AnswerMemory {
  /**
   * Holds as much of `bytes` as there is room for, until the answer is written, and returns it; 0 when there
   * is no room.
   */
  grant(bytes: number): number;
  /** How much the answer really needs, instead of what was granted. */
  holds(bytes: number): void;
  /** Runs once when there may be room; call the result to stop waiting. */
  whenRoom(run: () => void): () => void;
}

/** The answer of a request that is not answered (Produce with acks=0). */
export const NO_RESPONSE = Symbol('no response');
/** The answer that ends the connection, as Kafka does when acks=0 hides an error from the client. */
export const CLOSE_CONNECTION = Symbol('close connection');

/** An answer after which the connection ends. */
export class LastAnswer<Response> {
  readonly answer: Response;

  constructor(answer: Response) {
    this.answer = answer;
  }
}

export type Answer<Response> = Response | LastAnswer<Response> | typeof NO_RESPONSE | typeof CLOSE_CONNECTION;

export interface HandlerCard {
  /** Served versions, both included; a subset of what the api defines. */
  readonly versions: readonly [number, number];
  /** What ApiVersions says instead of `versions`; only Produce needs it (KAFKA-18659). */
  readonly advertised?: readonly [number, number];
  /** All that the handler asks the authorizer for; it cannot ask for anything else. */
  readonly operations: readonly Right[];
  /** Listeners that serve it; without it, clients and replication. */
  readonly listeners?: readonly ListenerPurpose[];
  /**
   * What may still refer to the frame's bytes after the handler returned (not: resolved).
   * `copied` (default): anything may; the frame is copied first when the request carries byte fields.
   * `borrowed`: nothing may, the handler promises to be done with them when it returns. For the hot path.
   */
  readonly frame?: 'copied' | 'borrowed';
  /**
   * Nothing after it is begun on its connection before it is answered; for answers that may be large (Fetch).
   */
  readonly serial?: boolean;
}

/** Which peer a request says that it comes from: one whose certificate says otherwise is refused. */
interface Claims<Request> {
  /** The id of a node; below 0 it says none. */
  readonly claims?: (request: Request, apiVersion: number) => number;
  /** Whether the control plane may send it in the name of that node. */
  readonly controlPlaneMay?: (request: Request) => boolean;
}

export interface Handler<Context> extends HandlerCard, Claims<unknown> {
  readonly api: AnyApi;
  readonly run: (
    context: Context,
    request: unknown,
    info: RequestInfo<Right>,
  ) => Answer<unknown> | Promise<Answer<unknown>>;
}

/**
 * Binds an api to the function that serves it. A handler answers with a value or a promise of one; answers
 * leave a connection in the order of its requests whatever the order they are ready in.
 */
export function handle<Context, A extends AnyApi, const Card extends HandlerCard = HandlerCard>(
  api: A,
  card: Card & Claims<RequestOf<A>>,
  run: (
    context: Context,
    request: RequestOf<A>,
    info: RequestInfo<Card['operations'][number]>,
  ) => Answer<ResponseOf<A>> | Promise<Answer<ResponseOf<A>>>,
): Handler<Context> {
  // The dispatcher gives these only what this very api decoded, which the erased type cannot say.
  const { claims, controlPlaneMay } = card;
  const plain: HandlerCard = card;
  return {
    ...plain,
    api,
    ...(claims ? { claims: (request, version) => claims(request as RequestOf<A>, version) } : {}),
    ...(controlPlaneMay ? { controlPlaneMay: (request) => controlPlaneMay(request as RequestOf<A>) } : {}),
    run: (context, request, info) => run(context, request as RequestOf<A>, info),
  };
}
