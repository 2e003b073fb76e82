/** By this client id other brokers know what the coordinators of a broker ask of them. */
export function coordinatorClientId(brokerId: number): string {
  return `broker-${brokerId}-transactions`;
}

/** The broker whose coordinators use this client id; null when it is of another kind. */
export function brokerOfCoordinators(clientId: string | null): number | null {
  const [, id] = /^broker-(\d{1,10})-transactions$/.exec(clientId ?? '') ?? [];
  return id === undefined ? null : Number(id);
}
