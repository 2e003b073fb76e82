/** What JSON says, as plain data: whole numbers that a number does not keep are bigint. */
export type PlainJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainJson[]
  | { readonly [name: string]: PlainJson };

/** Without it every whole number of a text is one that a number keeps. */
const LONG = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** As JSON.parse, with every digit of whole numbers. Throws a SyntaxError. */
export function readPlainJson(text: string): PlainJson {
  return LONG.test(text) ? JSON.parse(text, exact as Reviver) : JSON.parse(text);
}

/** As JSON.stringify, with every digit of whole numbers. */
export function plainJsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(plainJsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .flatMap(([name, one]) => (one === undefined ? [] : [`${JSON.stringify(name)}:${plainJsonText(one)}`]))
    .join(',')}}`;
}

/** TypeScript does not know the text of a number, which Node has given since 21. */
type Reviver = (this: unknown, name: string, value: unknown) => unknown;

function exact(_: string, value: unknown, { source }: { readonly source: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !WHOLE.test(source)) return value;
  return BigInt(source);
}
