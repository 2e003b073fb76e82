import { type ApiError, badRequest } from '../aws/api-error.ts';

/**
 * The vocabulary in which an operation says what it takes: type, range, required. The TypeScript types, the
 * validation, its messages and the description in OpenAPI all come from one definition. Fields that a
 * definition does not know are ignored, as AWS ignores them; a JSON null is a field that is not set.
 */
export interface Shape<T> {
  /** The value, typed; or what is wrong, naming the field by its path. */
  parse(value: unknown, path: string): T | Invalid;
  readonly optional?: boolean;
  /** The same as JSON Schema, in the form of OpenAPI 3.1. */
  readonly schema: JsonSchema;
  /** For the phantom type of what `parse` gives. */
  readonly type?: T;
}

export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

export class Invalid {
  readonly error: ApiError;
  constructor(path: string, problem: string) {
    this.error = badRequest(`${path} ${problem}`, path);
  }
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

type Fields = { readonly [name: string]: Shape<unknown> };
type OptionalName<F extends Fields> = {
  [N in keyof F]: undefined extends TypeOf<F[N]> ? N : never;
}[keyof F];
type Values<F extends Fields> = Flat<
  { readonly [N in Exclude<keyof F, OptionalName<F>>]: TypeOf<F[N]> } & {
    readonly [N in OptionalName<F>]?: TypeOf<F[N]>;
  }
>;
/** One object type instead of an intersection, which is how people read it in an error. */
type Flat<T> = { [N in keyof T]: T[N] };

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    optional: true,
    schema: shape.schema,
    parse: (value, path) => (value === undefined || value === null ? undefined : shape.parse(value, path)),
  };
}

export function string(
  range: { min?: number; max?: number; pattern?: RegExp; says?: string } = {},
): Shape<string> {
  const { min = 0, max = 65_536, pattern, says = 'has characters that are not allowed' } = range;
  return {
    schema: {
      type: 'string',
      ...(min > 0 ? { minLength: min } : {}),
      maxLength: max,
      // A flag has no place in a schema.
      ...(pattern && pattern.flags === '' ? { pattern: pattern.source } : {}),
    },
    parse(value, path) {
      if (typeof value !== 'string') return new Invalid(path, wanted('a string', value));
      if (value.length < min || value.length > max)
        return new Invalid(path, `must have ${min} to ${max} characters, not ${value.length}`);
      if (pattern && !pattern.test(value)) return new Invalid(path, says);
      return value;
    },
  };
}

export function oneOf<const V extends string>(...values: readonly V[]): Shape<V> {
  return {
    schema: { type: 'string', enum: values },
    parse: (value, path) =>
      values.find((known) => known === value) ??
      new Invalid(path, wanted(`one of [${values.join(', ')}]`, value)),
  };
}

export function integer(range: { min: number; max: number }): Shape<number> {
  return {
    schema: { type: 'integer', minimum: range.min, maximum: range.max },
    parse(value, path) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        return new Invalid(path, wanted('an integer', value));
      if (value < range.min || value > range.max)
        return new Invalid(path, `must be from ${range.min} to ${range.max}, not ${value}`);
      return value;
    },
  };
}

/** An integer as a query string carries it. */
export function integerText(range: { min: number; max: number }): Shape<number> {
  const parsed = integer(range);
  return {
    schema: parsed.schema,
    parse: (value, path) =>
      parsed.parse(typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value, path),
  };
}

export const boolean: Shape<boolean> = {
  schema: { type: 'boolean' },
  parse: (value, path) =>
    typeof value === 'boolean' ? value : new Invalid(path, wanted('true or false', value)),
};

/** Bytes, which travel as base64; `max` of them at most. */
export function blob(range: { max: number }): Shape<Buffer> {
  return {
    schema: { type: 'string', contentEncoding: 'base64', maxLength: Math.ceil(range.max / 3) * 4 },
    parse(value, path) {
      if (typeof value !== 'string') return new Invalid(path, wanted('base64', value));
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
        return new Invalid(path, 'must be base64');
      const bytes = Buffer.from(value, 'base64');
      return bytes.length > range.max
        ? new Invalid(path, `must have at most ${range.max} bytes, not ${bytes.length}`)
        : bytes;
    },
  };
}

export function list<T>(item: Shape<T>, range: { min?: number; max: number }): Shape<readonly T[]> {
  return {
    schema: {
      type: 'array',
      items: item.schema,
      ...(range.min ? { minItems: range.min } : {}),
      maxItems: range.max,
    },
    parse(value, path) {
      if (!Array.isArray(value)) return new Invalid(path, wanted('a list', value));
      const { min = 0, max } = range;
      if (value.length < min || value.length > max)
        return new Invalid(path, `must have ${min} to ${max} items, not ${value.length}`);
      const items: T[] = [];
      for (const [index, element] of value.entries()) {
        const parsed = item.parse(element, `${path}[${index}]`);
        if (parsed instanceof Invalid) return parsed;
        items.push(parsed);
      }
      return items;
    },
  };
}

/** A list as a query string carries it: its key once for each item. */
export function listText<T>(item: Shape<T>, range: { min?: number; max: number }): Shape<readonly T[]> {
  const parsed = list(item, range);
  return {
    schema: parsed.schema,
    parse: (value, path) => parsed.parse(typeof value === 'string' ? [value] : value, path),
  };
}

export function map(
  key: Shape<string>,
  item: Shape<string>,
  range: { max: number },
): Shape<Readonly<Record<string, string>>> {
  return {
    schema: {
      type: 'object',
      propertyNames: key.schema,
      additionalProperties: item.schema,
      maxProperties: range.max,
    },
    parse(value, path) {
      if (!isObject(value)) return new Invalid(path, wanted('an object', value));
      const entries = Object.entries(value);
      if (entries.length > range.max)
        return new Invalid(path, `must have at most ${range.max} entries, not ${entries.length}`);
      const parsed: [string, string][] = [];
      for (const [name, element] of entries) {
        const checkedKey = key.parse(name, path);
        if (checkedKey instanceof Invalid) return checkedKey;
        const checkedItem = item.parse(element, `${path}.${name}`);
        if (checkedItem instanceof Invalid) return checkedItem;
        parsed.push([checkedKey, checkedItem]);
      }
      return Object.fromEntries(parsed);
    },
  };
}

/** An object of whatever members; who reads them knows their shapes. */
export const anyMembers: Shape<Readonly<Record<string, unknown>>> = {
  schema: { type: 'object' },
  parse: (value, path) => (isObject(value) ? value : new Invalid(path, wanted('an object', value))),
};

export function structure<const F extends Fields>(fields: F): Shape<Values<F>> {
  const members = Object.entries(fields);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(members.map(([name, { schema }]) => [name, schema])),
      required: members.filter(([, shape]) => !shape.optional).map(([name]) => name),
    },
    parse(value, path) {
      if (!isObject(value)) return new Invalid(path || 'The request body', wanted('an object', value));
      const result: Record<string, unknown> = {};
      for (const [name, shape] of members) {
        const at = path ? `${path}.${name}` : name;
        const given = Object.hasOwn(value, name) ? value[name] : undefined;
        if ((given === undefined || given === null) && !shape.optional) return new Invalid(at, 'is required');
        const parsed = shape.parse(given, at);
        if (parsed instanceof Invalid) return parsed;
        if (parsed !== undefined) result[name] = parsed;
      }
      // Every field was parsed by its own shape just above.
      return result as Values<F>;
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wanted(what: string, value: unknown): string {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return `must be ${what}, not ${typeof value === 'string' ? `"${value.slice(0, 40)}"` : found}`;
}
