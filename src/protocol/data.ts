import { compileDecode, compileEncode, type Decode, type Encode } from './compile.ts';
import { complete } from './complete.ts';
import { type Decoded, type Encodable, type Fields, NEVER } from './field.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** One message at one version. `decode` throws ProtocolError, `encode` UnencodableError, and nothing else. */
export interface MessageCodec<Out, In> {
  decode(reader: Reader): Out;
  encode(writer: Writer, message: In): void;
}

/**
 * A definition for all versions of one message: a request, a response, or what Kafka calls "data", such as a
 * record.
 */
export interface Data<F extends Fields> {
  readonly name: string;
  readonly versions: readonly [number, number];
  /** The first version with compact lengths and tagged fields (KIP-482), Infinity when there is none. */
  readonly flexible: number;
  readonly fields: F;
  /**
   * Compiled on first use, then kept. Asking for a version that is not in `versions` is a programmer's error.
   */
  at(version: number): MessageCodec<Decoded<F>, Encodable<F>>;
  /** The message with what was left out at its default, as a reader of the newest version sees it. */
  complete(message: Encodable<F>): Decoded<F>;
}

export type DecodedData<D> = D extends { readonly fields: infer F extends Fields } ? Decoded<F> : never;
export type EncodableData<D> = D extends { readonly fields: infer F extends Fields } ? Encodable<F> : never;

export function data<const F extends Fields>(definition: {
  readonly name: string;
  readonly versions: readonly [number, number];
  readonly flexible?: number;
  readonly fields: F;
}): Data<F> {
  const { name, versions, fields, flexible = NEVER } = definition;
  const codecs: MessageCodec<Decoded<F>, Encodable<F>>[] = [];
  return {
    name,
    versions,
    flexible,
    fields,
    at(version) {
      const known = codecs[version];
      if (known) return known;
      if (!(version >= versions[0] && version <= versions[1]))
        throw new RangeError(`${name} has no version ${version}`);
      const target = { name: `${name}V${version}`, fields, version, flexible: version >= flexible };
      const codec = new LazyCodec<Decoded<F>, Encodable<F>>(target);
      codecs[version] = codec;
      return codec;
    },
    complete: (message) => complete(fields, message) as Decoded<F>,
  };
}

/** A server decodes requests and encodes responses: the other two halves are never compiled there. */
class LazyCodec<Out, In> implements MessageCodec<Out, In> {
  readonly #target: Parameters<typeof compileDecode>[0];
  #decode: Decode<Out> | undefined;
  #encode: Encode<In> | undefined;

  constructor(target: Parameters<typeof compileDecode>[0]) {
    this.#target = target;
  }

  decode(reader: Reader): Out {
    this.#decode ??= compileDecode<Out>(this.#target);
    return this.#decode(reader);
  }

  encode(writer: Writer, message: In): void {
    this.#encode ??= compileEncode<In>(this.#target);
    this.#encode(writer, message);
  }
}
