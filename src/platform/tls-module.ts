/**
 * Node's TLS, loaded when the first connection needs it: a process without costs 20 ms of its start and 4 MB
 * less.
 */
export function tlsModule(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}
