/** A text as JavaScript, Python and Go write it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The brokers of `host:port,…`, as the elements of a list in JavaScript and Go. */
export function quotedBrokers(bootstrap: string): string {
  return bootstrap.split(',').map(quoted).join(', ');
}
