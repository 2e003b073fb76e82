/** An address at which a broker or controller listens, under the name of its listener. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's SecurityProtocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

export function endpointOf({ name, host, port, securityProtocol }: Endpoint): Endpoint {
  return { name, host, port, securityProtocol };
}
