/** Who sent a request, as far as groups care. */
export interface ClientContext {
  readonly apiVersion: number;
  readonly clientId: string | null;
  readonly clientHost: string;
}
