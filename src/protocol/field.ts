import { type Uuid, ZERO_UUID } from '../base/brand.ts';

/**
 * The vocabulary of a message definition. A field says the type one reads, the type one may write, and
 * whether writing it is optional; the order of the fields in a literal is their order on the wire. A field is
 * immutable: every method returns a new one.
 */
export interface Field<Out, In = Out, Optional extends boolean = false> {
  readonly spec: FieldSpec;
  /** Present from this version on; older versions read the default. */
  since(version: number): Field<Out, In, true>;
  /** Present only in these versions, both included. */
  between(first: number, last: number): Field<Out, In, true>;
  /** May be null from this version on. */
  nullable(since?: number): Field<Out | null, In | null, Optional>;
  /** The value when the field is not in the version, and when the writer leaves it out. */
  default(value: Out): Field<Out, In, true>;
  /** Written in the tag buffer under this number (KIP-482), and left out at its default. */
  tagged(tag: number): Field<Out, In, true>;
  /** A value the version cannot carry is dropped instead of refused. */
  ignorable(): Field<Out, In, Optional>;
  readonly [types]?: { readonly out: Out; readonly in: In; readonly optional: Optional };
}
declare const types: unique symbol;

export type Wire =
  | { readonly kind: 'primitive'; readonly name: Primitive }
  | { readonly kind: 'array'; readonly element: Wire }
  | { readonly kind: 'struct'; readonly fields: Fields };

/** Kafka's type names; and `offset` and `exactOffset`, an int64 held as a number as far as that goes. */
export type Primitive =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'uint16'
  | 'uint32'
  | 'int64'
  | 'offset'
  | 'exactOffset'
  | 'float64'
  | 'string'
  | 'bytes'
  | 'uuid'
  | 'records';

export interface FieldSpec {
  readonly wire: Wire;
  readonly first: number;
  readonly last: number;
  readonly nullableFrom: number;
  /**
   * For an array `[]` stands for a new empty one, for a struct `undefined` for one of its fields' defaults.
   */
  readonly fallback: unknown;
  readonly tag: number | undefined;
  readonly ignorable: boolean;
}

export type AnyField = Field<unknown, unknown, boolean>;
export type Fields = { readonly [name: string]: AnyField };

type OutOf<F> = F extends Field<infer Out, infer _In, infer _Optional> ? Out : never;
type InOf<F> = F extends Field<infer _Out, infer In, infer _Optional> ? In : never;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer _Out, infer _In, infer Optional>
    ? Optional extends true
      ? K
      : never
    : never;
}[keyof F];
type Flat<T> = { [K in keyof T]: T[K] } & {};

/** What decode returns: every field of every version, absent ones at their default. */
export type Decoded<F extends Fields> = Flat<{ -readonly [K in keyof F]: OutOf<F[K]> }>;
/** What encode accepts: fields that have a default may be left out. */
export type Encodable<F extends Fields> = Flat<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: InOf<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: InOf<F[K]> | undefined;
  }
>;

/** The same, nothing in it to be changed: for what several readers share. */
export type Immutable<T> = T extends Uint8Array | string | number | bigint | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Immutable<Element>[]
    : { readonly [K in keyof T]: Immutable<T[K]> };

/** Where a version range has no end. */
export const NEVER = Number.POSITIVE_INFINITY;

function field<Out, In, Optional extends boolean>(spec: FieldSpec): Field<Out, In, Optional> {
  const change = (part: Partial<FieldSpec>) => field<never, never, never>({ ...spec, ...part });
  return {
    spec,
    since: (first) => change({ first }),
    between: (first, last) => change({ first, last }),
    nullable: (nullableFrom = 0) => change({ nullableFrom }),
    default: (fallback) => change({ fallback }),
    tagged: (tag) => change({ tag }),
    ignorable: () => change({ ignorable: true }),
  };
}

const plain = {
  first: 0,
  last: NEVER,
  nullableFrom: NEVER,
  tag: undefined,
  ignorable: false,
};

function primitive<Out, In = Out>(name: Primitive, fallback: Out): Field<Out, In> {
  return field({ ...plain, wire: { kind: 'primitive', name }, fallback });
}

export const bool = primitive('bool', false);
export const int8 = primitive('int8', 0);
export const int16 = primitive('int16', 0);
export const int32 = primitive('int32', 0);
export const uint16 = primitive('uint16', 0);
export const int64 = primitive('int64', 0n);
/**
 * An int64 held as a number: offsets, timestamps, epochs, producer ids. Beyond 2^53 from zero it is the
 * nearest number: on the right side of everything that is exact, and equal to none of it. The greatest int64,
 * with which Kafka says "no limit", is Infinity.
 */
export const offset = primitive('offset', 0);
/**
 * What a client gives us to be told back, or looked up, to the last digit: a bigint where a number is not
 * exact.
 */
export const exactOffset = primitive<number | bigint>('exactOffset', 0);
export const float64 = primitive('float64', 0);
export const string = primitive('string', '');
export const uuid = primitive<Uuid>('uuid', ZERO_UUID);
/** Decoded as a view of the frame, not a copy. */
export const bytes = primitive<Buffer, Uint8Array>('bytes', Buffer.alloc(0));
/**
 * Whole record batches. Decoded as a view of the frame; written from one part or several, large ones by
 * reference.
 */
export const records = primitive<Buffer, Uint8Array | readonly Uint8Array[]>('records', Buffer.alloc(0));

export function array<F extends Fields>(element: F): Field<Decoded<F>[], readonly Encodable<F>[]>;
export function array<O, I>(element: Field<O, I, boolean>): Field<O[], readonly I[]>;
export function array(element: Fields | AnyField): AnyField {
  const wire: Wire = isField(element) ? element.spec.wire : { kind: 'struct', fields: element };
  return field({ ...plain, wire: { kind: 'array', element: wire }, fallback: [] });
}

export function struct<F extends Fields>(fields: F): Field<Decoded<F>, Encodable<F>> {
  return field({ ...plain, wire: { kind: 'struct', fields }, fallback: undefined });
}

function isField(element: Fields | AnyField): element is AnyField {
  return typeof element.since === 'function';
}
