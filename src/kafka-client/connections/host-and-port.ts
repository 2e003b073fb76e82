export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}
