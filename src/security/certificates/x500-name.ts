import { DerError, dottedIdentifier, readDer } from './der.ts';

/** Attribute types that RFC 2253 gives a keyword; Java's `X500Principal.getName()` uses no others. */
const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
};
/**
 * UTF8String, PrintableString, T61String, IA5String, GeneralString and BMPString: the types that Java writes
 * as text.
 */
const TEXT_TAGS = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e]);

/**
 * A distinguished name (DER) as Java's `X500Principal.getName()` writes it: RFC 2253, the last relative name
 * first. It is what Kafka takes for the principal of a client certificate. Throws a DerError for what is no
 * name.
 */
export function x500Name(name: Buffer): string {
  const [whole] = readDer(name);
  if (whole?.tag !== 0x30) throw new DerError('this is no distinguished name');
  return [...readDer(whole.content)]
    .map(({ content }) => [...readDer(content)].map(({ content: pair }) => attribute(pair)).join('+'))
    .reverse()
    .join(',');
}

function attribute(pair: Buffer): string {
  const [type, value] = readDer(pair);
  if (!type || !value) throw new DerError('an attribute without a type or a value');
  const oid = dottedIdentifier(type.content);
  const keyword = KEYWORDS[oid];
  if (keyword === undefined || !TEXT_TAGS.has(value.tag))
    return `${keyword ?? oid}=#${value.whole.toString('hex')}`;
  return `${keyword}=${escaped(value.content.toString('utf8'))}`;
}

/** RFC 2253, section 2.4, and `=`, which Java escapes, too. */
function escaped(text: string): string {
  const inner = text.replace(/[,=+<>#;"\\]/g, '\\$&').replaceAll('\0', '\\00');
  // Blanks at the ends; Java takes a carriage return for one.
  return inner.replace(/^[ \r]+|[ \r]+$/g, (blanks) => blanks.replace(/[ \r]/g, '\\$&'));
}
