import type { Random } from '../../base/random.ts';
import { bearerRequest } from './bearer-message.ts';
import type { IamDirectory, IamIdentity } from './directory.ts';
import { MSK_IAM_VERSION, mskIamRequest } from './msk-iam-message.ts';
import { type IamProof, type IamRefusal, proofOf } from './request-proof.ts';

export const IAM_MECHANISMS = ['AWS_MSK_IAM', 'OAUTHBEARER'] as const;
export type IamMechanism = (typeof IAM_MECHANISMS)[number];

/** A session token with a session policy of the most characters makes less than half of it. */
const MESSAGE_BYTES_MAX = 32_768;
/** How much of what a client sent a line of the log may have. */
const DETAIL_CHARACTERS_MAX = 400;

/** What a broker's listener for IAM works with. */
export interface IamSignInOptions {
  /** As it is now; null while there is none that can be read: then nobody signs in. */
  readonly directory: () => IamDirectory | null;
  /** What clients were told of this broker; lower case. */
  readonly hosts: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  /** Why a client may not connect, who has proved who it is; null when it may. */
  readonly denial: (identity: IamIdentity, clientHost: string) => string | null;
  /** Told of each sign-in that was refused, with the id that the client was told. */
  readonly refused: (refusal: IamRefusal & RefusedClient) => void;
}

export interface RefusedClient {
  readonly requestId: string;
  readonly clientHost: string;
  readonly mechanism: IamMechanism;
}

/** A client that has signed in, and what it is answered; or what it is told of why not. */
export type IamStep = (IamProof & { readonly reply: Buffer }) | { readonly message: string };

/** Who clients are that sign in by IAM: the rules of both mechanisms, each of one message. */
export class IamSignIn {
  readonly #options: IamSignInOptions;

  constructor(options: IamSignInOptions) {
    this.#options = options;
  }

  /**
   * The client learns an id, which `refused` is told with the reason; the reason itself it does not learn.
   */
  step(mechanism: IamMechanism, message: Buffer, clientHost: string): IamStep {
    const requestId = uuid(this.#options.random);
    const proof = this.#proof(mechanism, message, clientHost);
    if ('reason' in proof) {
      const detail = proof.detail.slice(0, DETAIL_CHARACTERS_MAX);
      this.#options.refused({ reason: proof.reason, detail, requestId, clientHost, mechanism });
      const told = proof.reason === 'session-too-short' ? 'Session too short' : 'Access denied';
      return { message: `[${requestId}]: ${told}` };
    }
    const reply =
      mechanism === 'AWS_MSK_IAM'
        ? JSON.stringify({ version: MSK_IAM_VERSION, 'request-id': requestId })
        : '';
    return { ...proof, reply: Buffer.from(reply) };
  }

  /** Whether what was proved is still so. */
  stands(proof: Pick<IamProof, 'stands'>): boolean {
    const directory = this.#options.directory();
    return directory !== null && proof.stands(directory);
  }

  #proof(mechanism: IamMechanism, message: Buffer, clientHost: string): IamProof | IamRefusal {
    const { directory: current, hosts, now, denial } = this.#options;
    if (message.length > MESSAGE_BYTES_MAX)
      return { reason: 'malformed', detail: `the message has more than ${MESSAGE_BYTES_MAX} bytes` };
    const request = mechanism === 'AWS_MSK_IAM' ? mskIamRequest(message) : bearerRequest(message);
    if (typeof request === 'string') return { reason: 'malformed', detail: request };
    const directory = current();
    if (!directory) return { reason: 'no-directory', detail: 'the broker has no iam.json that it can read' };
    // AWS's signers of bearer tokens do not know of brokers: they sign for the service in a region.
    const service = `kafka.${directory.region}.amazonaws.com`;
    const isHost = (host: string): boolean =>
      mechanism === 'OAUTHBEARER' ? host === service : hosts.has(host);
    const proof = proofOf(request, { directory, now: now(), isHost });
    if ('reason' in proof) return proof;
    const denied = denial(proof.identity, clientHost);
    return denied === null ? proof : { reason: 'denied-by-policy', detail: denied };
  }
}

/** In the usual form, as AWS's request ids are. */
function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
