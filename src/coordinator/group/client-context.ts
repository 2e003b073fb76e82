/** What groups need to know of the client that sent a request. */
export interface ClientContext {
  readonly apiVersion: number;
  readonly clientId: string | null;
  readonly clientHost: string;
}
