/** A socket as a row of Linux's /proc/net/tcp and tcp6 has it (proc_net_tcp.txt). */
export interface TcpSocket {
  /** `ADDRESS:PORT`, both in hexadecimal. */
  readonly local: string;
  readonly remote: string;
  /** In hexadecimal: `0A` listens. */
  readonly state: string;
  /** The number of the user that made it. */
  readonly user: number;
  /** `0` for a connection that no process has accepted yet. */
  readonly inode: string;
}

/** The heading and the end of a table are rows, too, which no address is equal to. */
export function tcpSocket(row: string): TcpSocket {
  const columns = row.trim().split(/\s+/);
  const [, local = '', remote = '', state = '', , , , user, , inode = '0'] = columns;
  return { local, remote, state, user: Number(user), inode };
}

/** As the tables write a port. */
export function portText(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
