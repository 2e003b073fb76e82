import type { RequestHeader } from '../protocol/headers.ts';
import type { AclOperation, ResourceType } from '../security/acl/acl.ts';
import type { IamIdentity } from '../security/iam/directory.ts';
import type { Authorize, Authorizer, AuthorizeSome, Right } from './authorizer.ts';
import type { AnswerMemory, ListenerPurpose, RequestInfo, RequestWay } from './handler.ts';
import type { Origin } from './origin.ts';
import type { SaslSession } from './sasl/sasl-session.ts';

/** Where a request came from, and who decides what it may do. */
export interface RequestSource {
  readonly origin: Origin;
  readonly authorizer: Authorizer;
  readonly way: RequestWay;
  readonly requestBytes: number;
  readonly waitMsMax: number;
}

/**
 * What a handler knows of its request. It is small, because there is one for every request: all that a
 * connection's requests share stays with the connection.
 */
export class ServedRequest implements RequestInfo<Right> {
  readonly #header: RequestHeader;
  readonly #source: RequestSource;

  constructor(header: RequestHeader, source: RequestSource) {
    this.#header = header;
    this.#source = source;
  }

  get apiKey(): number {
    return this.#header.apiKey;
  }

  get apiVersion(): number {
    return this.#header.apiVersion;
  }

  get correlationId(): number {
    return this.#header.correlationId;
  }

  get clientId(): string | null {
    return this.#header.clientId;
  }

  get requestBytes(): number {
    return this.#source.requestBytes;
  }

  get waitMsMax(): number {
    return this.#source.waitMsMax;
  }

  get principal(): string {
    return this.#source.origin.principal;
  }

  get iam(): IamIdentity | null {
    return this.#source.origin.iam ?? null;
  }

  get clientHost(): string {
    return this.#source.origin.clientHost;
  }

  get isPeer(): boolean {
    return this.#source.origin.isPeer;
  }

  get listener(): ListenerPurpose {
    return this.#source.origin.listener;
  }

  get listenerName(): string {
    return this.#source.origin.listenerName;
  }

  get connectionId(): string {
    return this.#source.origin.connectionId;
  }

  get connectionNumber(): number {
    return this.#source.origin.connectionNumber;
  }

  get sasl(): SaslSession | null {
    return this.#source.origin.sasl;
  }

  get authorize(): Authorize<Right> {
    const { authorizer, origin } = this.#source;
    return (operation: AclOperation, resourceType: ResourceType, name: string) =>
      authorizer.authorize(origin, operation, resourceType, name);
  }

  get allows(): Authorize<Right> {
    const { authorizer, origin } = this.#source;
    return (operation: AclOperation, resourceType: ResourceType, name: string) =>
      authorizer.allows(origin, operation, resourceType, name);
  }

  get authorizeSome(): AuthorizeSome<Right> {
    const { authorizer, origin } = this.#source;
    return (operation: AclOperation, resourceType: ResourceType) =>
      authorizer.authorizeSome(origin, operation, resourceType);
  }

  afterWrite(release: () => void): void {
    this.#source.way.afterWrite(release);
  }

  get output(): AnswerMemory {
    return this.#source.way.output;
  }

  mute(forMs: number): void {
    this.#source.way.mute(forMs);
  }
}
