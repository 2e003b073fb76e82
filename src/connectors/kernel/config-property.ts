/** Kafka's types of configuration values (ConfigDef.Type). */
export type PropertyType = 'BOOLEAN' | 'STRING' | 'INT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';

/**
 * One property of a connector, a transform or a converter. From it come the check, the types of what was
 * read, the catalogue and the docs page.
 */
export interface ConfigProperty<Value> {
  readonly type: PropertyType;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  /** One sentence. */
  readonly doc: string;
  /** Undefined: it must be given. */
  readonly default: Value | undefined;
  /**
   * What values there are, for people: `[1,...,65535]`, `[gzip, none]`; empty where every value of the type
   * is one.
   */
  readonly valid: string;
  /** The value of a text; throws InvalidValue. */
  readonly parse: (text: string) => Value;
}

/** Why a text is no value of a property, as the end of a sentence: `must be at least 1`. */
export class InvalidValue extends Error {
  /** The message is the whole sentence. */
  readonly isWhole: boolean;

  constructor(message: string, isWhole = false) {
    super(message);
    this.isWhole = isWhole;
  }
}

interface Told<Value> {
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  readonly doc: string;
  readonly default?: Value;
  /** Checks a value that is given further: why not, or null. */
  check?(value: Value): string | null;
}

/** Without a value it is null. */
interface OrNull<Value> extends Omit<Told<Value>, 'default'> {
  readonly default: null;
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export function stringProperty(told: Told<string>): ConfigProperty<string>;
export function stringProperty(told: OrNull<string>): ConfigProperty<string | null>;
export function stringProperty(told: Told<string> | OrNull<string>): ConfigProperty<string | null> {
  return property('STRING', told as Told<string | null>, '', (text) => text);
}

/** A text that is one of these; `ignoreCase` as Kafka's enums often do. */
export function oneOfProperty<const Choice extends string>(
  choices: readonly Choice[],
  told: Told<Choice>,
  ignoreCase = false,
): ConfigProperty<Choice> {
  return property('STRING', told, `[${choices.join(', ')}]`, (text) => {
    const found = choices.find((choice) =>
      ignoreCase ? choice.toLowerCase() === text.toLowerCase() : choice === text,
    );
    if (found === undefined) throw new InvalidValue(`must be one of ${choices.join(', ')}`);
    return found;
  });
}

/** A password: sealed in the store, masked in every answer and log. */
export function passwordProperty(told: Told<string>): ConfigProperty<string>;
export function passwordProperty(told: OrNull<string>): ConfigProperty<string | null>;
export function passwordProperty(told: Told<string> | OrNull<string>): ConfigProperty<string | null> {
  return property('PASSWORD', told as Told<string | null>, '', (text) => text);
}

export function booleanProperty(told: Told<boolean>): ConfigProperty<boolean> {
  return property('BOOLEAN', told, '[true, false]', (text) => {
    const value = text.toLowerCase();
    if (value !== 'true' && value !== 'false') throw new InvalidValue('must be true or false');
    return value === 'true';
  });
}

export function intProperty(told: Told<number> & Bounds): ConfigProperty<number>;
export function intProperty(told: OrNull<number> & Bounds): ConfigProperty<number | null>;
export function intProperty(told: (Told<number> | OrNull<number>) & Bounds): ConfigProperty<number | null> {
  return numberProperty('INT', told as Told<number | null> & Bounds, { min: -(2 ** 31), max: 2 ** 31 - 1 });
}

/** A whole number up to 2^53. */
export function longProperty(told: Told<number> & Bounds): ConfigProperty<number>;
export function longProperty(told: OrNull<number> & Bounds): ConfigProperty<number | null>;
export function longProperty(told: (Told<number> | OrNull<number>) & Bounds): ConfigProperty<number | null> {
  return numberProperty('LONG', told as Told<number | null> & Bounds, {
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
  });
}

/** Texts with commas between them; spaces around them are not theirs. */
export function listProperty(told: Told<readonly string[]>): ConfigProperty<readonly string[]> {
  return property('LIST', told, '', (text) =>
    text.trim() === '' ? [] : text.split(',').map((one) => one.trim()),
  );
}

/** The name of a class, as texts are; what classes there are `check` says. */
export function classProperty(told: Told<string>): ConfigProperty<string>;
export function classProperty(told: OrNull<string>): ConfigProperty<string | null>;
export function classProperty(told: Told<string> | OrNull<string>): ConfigProperty<string | null> {
  return property('CLASS', told as Told<string | null>, '', (text) => text);
}

function numberProperty(
  type: 'INT' | 'LONG',
  told: Told<number | null> & Bounds,
  whole: Required<Bounds>,
): ConfigProperty<number | null> {
  const { min = whole.min, max = whole.max } = told;
  const isBounded = told.min !== undefined || told.max !== undefined;
  return property(
    type,
    told,
    isBounded ? `[${told.min ?? ''},...${told.max === undefined ? '' : `,${max}`}]` : '',
    (text) => {
      const value = Number(text.trim());
      if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidValue('must be a whole number');
      if (value < min) throw new InvalidValue(`must be at least ${min}`);
      if (value > max) throw new InvalidValue(`must be at most ${max}`);
      return value;
    },
  );
}

function property<Value>(
  type: PropertyType,
  told: Told<Value>,
  valid: string,
  parse: (text: string) => Value,
): ConfigProperty<Value> {
  return {
    type,
    importance: told.importance,
    doc: told.doc,
    default: told.default,
    valid,
    parse(text) {
      const value = parse(text);
      const wrong = told.check?.(value) ?? null;
      if (wrong !== null) throw new InvalidValue(wrong);
      return value;
    },
  };
}
