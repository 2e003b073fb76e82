/** Kafka's security protocols with their numbers in endpoints. */
export const securityProtocolCodes = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;

export type SecurityProtocol = keyof typeof securityProtocolCodes;

/** Whether clients sign in by SASL. */
export function usesSasl(protocol: SecurityProtocol): boolean {
  return protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL';
}

/** Whether what is said is encrypted. */
export function usesTls(protocol: SecurityProtocol): boolean {
  return protocol === 'SSL' || protocol === 'SASL_SSL';
}

/** The protocol of a listener that has these. */
export function securityProtocol(has: { readonly tls: boolean; readonly sasl: boolean }): SecurityProtocol {
  if (has.sasl) return has.tls ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return has.tls ? 'SSL' : 'PLAINTEXT';
}
