import type { FieldSpec, Fields, Wire } from './field.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export type Decode<Out> = (reader: Reader) => Out;
export type Encode<In> = (writer: Writer, message: In) => void;

/** What the functions are named after and made for. */
export interface Target {
  readonly name: string;
  readonly fields: Fields;
  readonly version: number;
  readonly flexible: boolean;
}

/**
 * Turns a definition at one version into straight-line JavaScript. The version is known here, so no version
 * test and no loop over fields is left in the result, and every decoded object is one literal with one hidden
 * class. The source is made of our own literals only: names, numbers and defaults of the definitions.
 */
export function compileDecode<Out>(target: Target): Decode<Out> {
  const emitter = new DecodeEmitter(target);
  const body = emitter.struct(target.fields);
  return emitter.compile(`return function decode${target.name}(r) { return ${body}(r); }`) as Decode<Out>;
}

export function compileEncode<In>(target: Target): Encode<In> {
  const emitter = new EncodeEmitter(target);
  const body = emitter.struct(target.fields, target.name);
  return emitter.compile(`return function encode${target.name}(w, m) { ${body}(w, m); }`) as Encode<In>;
}

/** Bytes that a value of this type takes at least: what a stated count of them is checked against. */
function leastBytes(wire: Wire, version: number, flexible: boolean): number {
  if (wire.kind === 'array') return flexible ? 1 : 4;
  if (wire.kind === 'struct') {
    let sum = flexible ? 1 : 0;
    for (const { spec } of Object.values(wire.fields)) {
      if (!isPresent(spec, version) || spec.tag !== undefined) continue;
      const nullableStruct = spec.wire.kind === 'struct' && version >= spec.nullableFrom;
      sum += nullableStruct ? 1 : leastBytes(spec.wire, version, flexible);
    }
    return Math.max(sum, 1);
  }
  switch (wire.name) {
    case 'bool':
    case 'int8':
      return 1;
    case 'int16':
    case 'uint16':
      return 2;
    case 'int32':
    case 'uint32':
      return 4;
    case 'int64':
    case 'offset':
    case 'exactOffset':
    case 'float64':
      return 8;
    case 'uuid':
      return 16;
    case 'string':
      return flexible ? 1 : 2;
    case 'bytes':
    case 'records':
      return flexible ? 1 : 4;
  }
}

export function isPresent(spec: FieldSpec, version: number): boolean {
  return version >= spec.first && version <= spec.last;
}

class Emitter {
  protected source = '';
  readonly #constants: unknown[] = [];
  #next = 0;
  protected readonly version: number;
  protected readonly flexible: boolean;

  constructor({ version, flexible }: Target) {
    this.version = version;
    this.flexible = flexible;
  }

  compile(main: string): unknown {
    return new Function('k', `'use strict';\n${this.source}${main}`)(this.#constants);
  }

  protected fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  protected isNullable(spec: FieldSpec): boolean {
    return this.version >= spec.nullableFrom;
  }

  /** An expression for the default of a field: a new one each time where it could be changed. */
  protected fallback({ wire, fallback }: FieldSpec): string {
    if (fallback === null) return 'null';
    if (wire.kind === 'array') return '[]';
    if (wire.kind === 'struct') {
      const members = Object.entries(wire.fields).map(([key, { spec }]) => `${key}: ${this.fallback(spec)}`);
      return `{ ${members.join(', ')} }`;
    }
    if (typeof fallback === 'bigint') return `${fallback}n`;
    if (typeof fallback === 'string' || typeof fallback === 'boolean') return JSON.stringify(fallback);
    if (typeof fallback === 'number') return String(fallback);
    return `k[${this.#constants.push(fallback) - 1}]`;
  }
}

class DecodeEmitter extends Emitter {
  readonly #structs = new Map<Fields, string>();

  /** The name of a function that reads the struct; made once for a struct that is used several times. */
  struct(fields: Fields): string {
    const known = this.#structs.get(fields);
    if (known) return known;
    const body: string[] = [];
    const members: string[] = [];
    const cases: string[] = [];
    for (const [key, { spec }] of Object.entries(fields)) {
      if (!isPresent(spec, this.version)) {
        members.push(`${key}: ${this.fallback(spec)}`);
        continue;
      }
      const local = this.fresh(`${key}_`);
      const value = this.#value(key, spec);
      if (spec.tag === undefined) body.push(`const ${local} = ${value};`);
      else {
        body.push(`let ${local} = ${this.fallback(spec)};`);
        cases.push(`case ${spec.tag}: ${local} = ${value}; r.checkTagEnd(end); break;`);
      }
      members.push(`${key}: ${local}`);
    }
    if (this.flexible && cases.length === 0) body.push('r.skipTags();');
    else if (this.flexible)
      body.push(
        `for (let left = r.tags(); left > 0; left--) { const tag = r.uvarint(); const end = r.tagEnd();`,
        `switch (tag) { ${cases.join(' ')} default: r.pos = end; } }`,
      );
    const name = this.fresh('struct');
    this.source += `function ${name}(r) {\n${body.join('\n')}\nreturn { ${members.join(', ')} };\n}\n`;
    this.#structs.set(fields, name);
    return name;
  }

  #value(key: string, spec: FieldSpec): string {
    const nullable = this.isNullable(spec);
    const { wire } = spec;
    if (wire.kind === 'struct') {
      const read = `${this.struct(wire.fields)}(r)`;
      if (!nullable) return read;
      return spec.tag === undefined
        ? `(r.int8() < 0 ? null : ${read})`
        : `(r.uvarint() === 0 ? null : ${read})`;
    }
    if (wire.kind === 'array') return this.#array(key, wire.element, nullable);
    return this.#primitive(key, wire.name, nullable);
  }

  #primitive(key: string, name: string, nullable: boolean): string {
    if (name === 'string')
      return this.#sized(key, this.flexible ? 'r.uvarint() - 1' : 'r.int16()', 'r.text(n)', nullable);
    if (name === 'bytes' || name === 'records')
      return this.#sized(key, this.flexible ? 'r.uvarint() - 1' : 'r.int32()', 'r.slice(n)', nullable);
    return `r.${name}()`;
  }

  #sized(key: string, length: string, value: string, nullable: boolean): string {
    const name = this.fresh('sized');
    const onNull = nullable ? 'return null' : `r.nullRefused('${key}')`;
    this.source += `function ${name}(r) { const n = ${length}; if (n < 0) ${onNull}; return ${value}; }\n`;
    return `${name}(r)`;
  }

  #array(key: string, element: Wire, nullable: boolean): string {
    const item =
      element.kind === 'struct'
        ? `${this.struct(element.fields)}(r)`
        : element.kind === 'array'
          ? this.#array(key, element.element, false)
          : this.#primitive(key, element.name, false);
    const name = this.fresh('list');
    const length = this.flexible ? 'r.uvarint() - 1' : 'r.int32()';
    const floor = leastBytes(element, this.version, this.flexible);
    const onNull = nullable ? 'return null' : `r.nullRefused('${key}')`;
    this.source += `function ${name}(r) { const n = ${length}; if (n < 0) ${onNull}; r.count(n, ${floor});
const out = r.list(n); for (let i = 0; i < n; i++) out[i] = ${item}; return out; }\n`;
    return `${name}(r)`;
  }
}

/** Fields with words for people, which may quote what a client sent. */
const MESSAGE = /errorMessage$/i;

class EncodeEmitter extends Emitter {
  readonly #structs = new Map<Fields, string>();

  /** The name of a function that writes the struct; made once for a struct that is used several times. */
  struct(fields: Fields, path: string): string {
    const known = this.#structs.get(fields);
    if (known) return known;
    const body: string[] = [];
    const tagged: { tag: number; test: string; write: string }[] = [];
    for (const [key, { spec }] of Object.entries(fields)) {
      const label = `${path}.${key}`;
      if (!isPresent(spec, this.version)) {
        if (!spec.ignorable)
          body.push(
            `if (m.${key} !== undefined && !(${this.#isDefault(`m.${key}`, spec)})) w.absentRefused('${label}');`,
          );
        continue;
      }
      const value = this.fresh(`${key}_`);
      const given = `m.${key} === undefined ? ${this.fallback(spec)} : m.${key}`;
      body.push(`const ${value} = ${MESSAGE.test(key) ? `w.clipped(${given})` : given};`);
      const write = this.#field(value, spec, label);
      if (spec.tag === undefined) body.push(write);
      else tagged.push({ tag: spec.tag, test: `!(${this.#isDefault(value, spec)})`, write });
    }
    // Receivers may rely on ascending tags (KIP-482), whatever the order of the definition.
    tagged.sort((a, b) => a.tag - b.tag);
    if (this.flexible) {
      const count = tagged.map(({ test }) => `(${test} ? 1 : 0)`).join(' + ') || '0';
      body.push(`w.uvarint(${count});`);
      for (const { tag, test, write } of tagged)
        body.push(`if (${test}) { const start = w.beginTag(${tag}); ${write} w.endTag(start); }`);
    }
    const name = this.fresh('struct');
    this.source += `function ${name}(w, m) {\n${body.join('\n')}\n}\n`;
    this.#structs.set(fields, name);
    return name;
  }

  /** Statements that write the value of a field that is in the version. */
  #field(value: string, spec: FieldSpec, label: string): string {
    const nullable = this.isNullable(spec);
    const { wire } = spec;
    if (wire.kind === 'struct') {
      const write = `${this.struct(wire.fields, label)}(w, ${value});`;
      if (!nullable) return `if (${value} === null) w.nullRefused('${label}'); ${write}`;
      // A struct that may be null is preceded by a byte: 1 for a value; for null -1, but 0 inside a tagged
      // field.
      const onNull = spec.tag === undefined ? 'w.int8(-1)' : 'w.uvarint(0)';
      return `if (${value} === null) ${onNull}; else { w.int8(1); ${write} }`;
    }
    const write = this.#element(value, wire, label);
    if (wire.kind === 'primitive' && !['string', 'bytes', 'records'].includes(wire.name)) return write;
    const onNull = !nullable
      ? `w.nullRefused('${label}')`
      : this.flexible
        ? 'w.uvarint(0)'
        : wire.kind === 'primitive' && wire.name === 'string'
          ? 'w.int16(-1)'
          : 'w.int32(-1)';
    return `if (${value} === null) ${onNull}; else { ${write} }`;
  }

  #element(value: string, wire: Wire, label: string): string {
    if (wire.kind === 'struct') return `${this.struct(wire.fields, label)}(w, ${value});`;
    if (wire.kind === 'array') {
      const item = this.fresh('item');
      const length = this.flexible ? `w.uvarint(${value}.length + 1)` : `w.int32(${value}.length)`;
      const write = this.#element(item, wire.element, label);
      return `${length}; for (let i = 0; i < ${value}.length; i++) { const ${item} = ${value}[i]; ${write} }`;
    }
    if (!this.flexible || !['string', 'bytes', 'records'].includes(wire.name))
      return `w.${wire.name}(${value});`;
    return `w.compact${wire.name[0]?.toUpperCase()}${wire.name.slice(1)}(${value});`;
  }

  /** A test: the value, which is not undefined, says no more than its absence would. */
  #isDefault(value: string, spec: FieldSpec): string {
    const { wire } = spec;
    if (spec.fallback === null) return `${value} === null`;
    if (
      wire.kind === 'array' ||
      (wire.kind === 'primitive' && (wire.name === 'bytes' || wire.name === 'records'))
    )
      return `${value} !== null && ${value}.length === 0`;
    if (wire.kind !== 'struct') return `${value} === ${this.fallback(spec)}`;
    const name = this.fresh('isDefault');
    const tests = Object.entries(wire.fields).map(
      ([key, inner]) => `(m.${key} === undefined || ${this.#isDefault(`m.${key}`, inner.spec)})`,
    );
    this.source += `function ${name}(m) { return m !== null && ${tests.join(' && ') || 'true'}; }\n`;
    return `${name}(${value})`;
  }
}
