/** Stands for the number of a broker in a host that is another one for each. */
export const BROKER_ID = '{id}';

/** A host of all brokers, or of each by its number: `broker-{id}.example`. */
export function hostOfBroker(host: string, id: number): string {
  return host.replaceAll(BROKER_ID, String(id));
}
