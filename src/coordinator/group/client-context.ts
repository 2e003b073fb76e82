/** What groups need to know of the client that sent a request. */
export interface ClientContext {
  readonly apiVersion: number;
  readonly clientId: string | null;
  readonly clientHost: string;
}

/**
 * The same of a member of a consumer group: an expression that it subscribes by tells it of no topic that it
 * must not know of.
 */
export interface MemberContext extends ClientContext {
  mayDescribe(topic: string): boolean;
}
