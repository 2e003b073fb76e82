/**
 * Editors and shells of Windows begin a text in UTF-8 with this character. It is not text, and nobody sees
 * it: left in, it would become part of the first key, of a password, or make JSON invalid.
 */
const BYTE_ORDER_MARK = '\ufeff';

/** The text behind it, where there is one. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
