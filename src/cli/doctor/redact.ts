/**
 * Names whose values are nobody's business. A file's name is no secret, so `peerSecretFile` and its like
 * stay.
 */
const SECRET = String.raw`[\w.-]*(?:password|passwd|secret|passphrase|jaas\.config|token|credential|private[._-]?key|client[._-]?key|access[._-]?key|api[._-]?key|user[._-]info|authorization)(?![\w.-]*(?:file|location|path|arn|id)\b)[\w.-]*`;
/** `"name": "value"` as in JSON, `name=value` and `name: value` as in properties and in sentences. */
const IN_JSON = new RegExp(String.raw`("${SECRET}"\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gi');
const IN_TEXT = new RegExp(String.raw`\b(${SECRET}\s*[=:]\s*)(?:\\?"[^"]*"|'[^']*'|[^\s,;"'{}\\]+)`, 'gi');
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;
/** `scheme://user:password@host`. */
const IN_ADDRESS = /(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g;

/** The text with every value that its name says to be secret replaced by `(removed)`. */
export function redacted(text: string): string {
  return text
    .replace(PEM, '(removed)')
    .replace(IN_ADDRESS, '$1(removed)@')
    .replace(IN_JSON, '$1"(removed)"')
    .replace(IN_TEXT, '$1(removed)');
}
