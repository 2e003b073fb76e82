/**
 * A CA whose certificates sign clients in to clusters that name it. It never changes; another one has another
 * name.
 */
export interface ClientCa {
  readonly arn: string;
  readonly name: string;
  /** PEM of its certificate, and of those up to its root. */
  readonly certificates: string;
  /** PEM of the key that signs for clients; null of a CA that is kept elsewhere. */
  readonly key: string | null;
  readonly addedAt: number;
}
