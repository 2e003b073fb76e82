import { below, Sfc32 } from '../../src/base/random.ts';
import type { TransformCase } from '../../src/connectors/transforms/testing/transform-outcome.ts';

const KAFKA = 'org.apache.kafka.connect.transforms.';
const NAMES = ['a', 'b', 'c', 'd', 'ts', 'name', 'x.y', 'in'];
const STRINGS = [
  ...[
    'abc',
    '12',
    '-7',
    '300',
    '1.5',
    'true',
    'TRUE',
    'NaN',
    ' 4 ',
    '99999999999',
    '1e3',
    '',
    'ünï',
    '+5',
    '0x1',
  ],
  ...[
    '2024-02-29',
    '2024-02-29 10:11:12',
    '2024-02-29T10:11:12.345Z',
    '20240229',
    '07/8/9',
    '10:11:12',
    '11:05 PM',
  ],
  ...[
    'Thu, 29 Feb 2024',
    '2024-02-29T10:11:12+02:00',
    '20240229101112345',
    '2024-13-40',
    '2024-02-29 10:11:12 +0130',
  ],
  // Week-based patterns, dates before today's calendar, far years, and fields that contradict each other.
  ...[
    '2024-09',
    '2024-09-4',
    '2024-02-3-Thu',
    '1582-10-10',
    '1500-02-29',
    '287396-10-12',
    '13:05 PM',
    '44 BC',
  ],
];
const FORMATS = [
  ...[
    'yyyy-MM-dd',
    'yyyy-MM-dd HH:mm:ss',
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    'EEE, d MMM yyyy',
    'yyyyMMdd',
    'hh:mm a',
  ],
  ...['yy/M/d', 'D yyyy', 'YYYY-ww', "yyyy-MM-dd'T'HH:mm:ssXXX", 'yyyyMMddHHmmssSSS', 'HH:mm:ss', 'H:m:s z'],
  ...[
    'yyyy-MM-dd HH:mm:ss Z',
    'MMMM u W F k K EEEE G',
    "''yy''",
    'yyyy-QQ',
    "yyyy 'open",
    'SSSSSS',
    'XX X L LLL',
  ],
  ...['YYYY-ww-u', 'yyyy-MM-F-EEE', 'yyyy-MM-W', 'HH:mm a', 'yyyy G', 'DDD yyyy-MM-dd'],
];
const REGEXES = [
  '(.*)',
  'ord(.*)',
  '(?<first>\\w+)-(.*)',
  'a|orders|orders-eu',
  '(?!ord).*',
  '(?i)ORDERS.*',
  '[',
  '\\Qorders\\E.*',
];
const REPLACEMENTS = ['$1', 'x-$1', '${first}_$2', 'fixed', '\\$1', '$9', 'a$', '$10'];
const TOPICS = ['orders', 'orders-eu', 'shop.public.customers', 'a'];
const CASTS = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
  'bytes',
  'decimal',
];
const HEADERS = ['h1', 'h2', 'trace'];
const LITERALS = [
  'abc',
  '12',
  '300',
  '70000',
  '-5000000000',
  '1.5',
  'true',
  'null',
  '2024-02-29',
  '10:11:12.345Z',
  '2024-02-29T10:11:12.345Z',
  '1e3',
  '1e',
  '99999999999999999999',
];
const TYPES = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float',
  'double',
  'boolean',
  'string',
  'string',
  'bytes',
  'decimal',
  'date',
  'time',
  'timestamp',
  'array',
  'map',
  'struct',
];
const LOGICAL = 'org.apache.kafka.connect.data.';

/** The same cases for the same seed. */
export function transformCases(seed: number, count: number): TransformCase[] {
  const generator = new Generator(seed);
  return Array.from({ length: count }, () => generator.one());
}

class Generator {
  readonly #random: Sfc32;

  constructor(seed: number) {
    this.#random = new Sfc32(seed);
  }

  one(): TransformCase {
    return {
      transforms: Array.from({ length: this.#chance(75) ? 1 : 2 + this.#below(2) }, () => this.#transform()),
      record: {
        topic: this.#of(TOPICS),
        partition: this.#below(10),
        offset: this.#below(1_000_000),
        timestamp: this.#chance(5) ? null : this.#time(),
        key: this.#content(),
        value: this.#content(),
        headers: HEADERS.flatMap((key) => (this.#chance(40) ? [{ key, value: this.#header() }] : [])),
      },
    };
  }

  #transform(): TransformCase['transforms'][number] {
    const { type, config, hasParts } = this.#kind();
    return {
      type: `${KAFKA}${type}${hasParts ? this.#of(['$Key', '$Value', '$Value']) : ''}`,
      config: Object.fromEntries(
        Object.entries(config).flatMap(([name, text]) => (text === null ? [] : [[name, text]])),
      ),
      ...(this.#chance(15) ? { predicate: this.#predicate() } : {}),
    };
  }

  #predicate() {
    const kinds = [
      { type: 'TopicNameMatches', config: { pattern: this.#of(REGEXES) } },
      { type: 'HasHeaderKey', config: { name: this.#of([...HEADERS, 'none']) } },
      { type: 'RecordIsTombstone', config: {} },
    ];
    const { type, config } = this.#of(kinds);
    return {
      type: `${KAFKA}predicates.${type}`,
      config: Object.fromEntries(Object.entries(config)),
      negate: this.#chance(50),
    };
  }

  #kind(): { type: string; config: Record<string, string | null>; hasParts: boolean } {
    const replace = { 'replace.null.with.default': this.#chance(30) ? 'false' : null };
    const maybe = (text: string, percent = 40) => (this.#chance(percent) ? text : null);
    const spec = () => `${this.#name()}${this.#of(['', '', '?', '!'])}`;
    const kinds = {
      InsertField: () => ({
        'topic.field': maybe(spec()),
        'partition.field': maybe(spec()),
        'offset.field': maybe(spec()),
        'timestamp.field': maybe(spec()),
        'static.field': maybe(spec()),
        'static.value': maybe('fixed', 80),
        ...replace,
      }),
      ReplaceField: () => ({
        exclude: maybe(this.#names()),
        include: maybe(this.#names(4)),
        renames: maybe(this.#chance(10) ? 'a:b:c' : `${this.#name()}:new,${this.#name()}:${this.#name()}`),
        ...replace,
      }),
      MaskField: () => ({
        fields: this.#names(),
        replacement: maybe(this.#of(['12', '300', 'abc', '1.5', '-1e2', '+5', '.5', '5.'])),
        ...replace,
      }),
      HoistField: () => ({ field: this.#name() }),
      ExtractField: () => ({
        field: this.#of([this.#name(), this.#name(), `in.${this.#name()}`, '`x.y`', '`x', 'a.b']),
        'field.syntax.version': maybe(this.#of(['V1', 'V2', 'v2'])),
        ...replace,
      }),
      SetSchemaMetadata: () => ({
        'schema.name': maybe('my.Name', 60),
        'schema.version': maybe('7', 60),
        ...replace,
      }),
      Flatten: () => ({ delimiter: maybe('_') }),
      Cast: () => ({ spec: this.#castSpec(), ...replace }),
      TimestampConverter: () => ({
        field: maybe(this.#name(), 70),
        'target.type': this.#of(['string', 'unix', 'Date', 'Time', 'Timestamp', 'string', 'unix']),
        format: maybe(this.#of(FORMATS), 85),
        'unix.precision': maybe(this.#of(['seconds', 'microseconds', 'nanoseconds', 'milliseconds'])),
        ...replace,
      }),
      HeaderFrom: () => {
        const names = this.#names(2);
        const count = names.split(',').length - (this.#chance(10) ? 1 : 0);
        return {
          fields: names,
          headers: ['to1', 'to2'].slice(0, count).join(),
          operation: this.#of(['move', 'copy']),
          ...replace,
        };
      },
    };
    const others = {
      ValueToKey: () => ({ fields: this.#names(), ...replace }),
      RegexRouter: () => ({ regex: this.#of(REGEXES), replacement: this.#of(REPLACEMENTS) }),
      TimestampRouter: () => ({
        'topic.format': maybe('${timestamp}_${topic}$'),
        'timestamp.format': maybe(this.#of(FORMATS.filter((format) => !/Q|'open/.test(format))), 70),
      }),
      Filter: () => ({}),
      DropHeaders: () => ({ headers: this.#of(['h1', 'h1,trace', '']) }),
      InsertHeader: () => ({ header: 'added', 'value.literal': this.#of(LITERALS) }),
    };
    const all = [
      ...Object.entries(kinds).map(([type, make]) => ({ type, make, hasParts: true })),
      // Types with parts can fail in more ways.
      ...Object.entries(kinds).map(([type, make]) => ({ type, make, hasParts: true })),
      ...Object.entries(others).map(([type, make]) => ({ type, make, hasParts: false })),
    ];
    const { type, make, hasParts } = this.#of<{
      type: string;
      make: () => Record<string, string | null>;
      hasParts: boolean;
    }>(all);
    return { type, config: make(), hasParts };
  }

  #castSpec(): string {
    if (this.#chance(20)) return this.#of(CASTS);
    return Array.from(
      { length: 1 + this.#below(3) },
      () => `${this.#name()}:${this.#of(CASTS.slice(0, this.#chance(3) ? 10 : 8))}`,
    ).join();
  }

  /** A key or a value. */
  #content(): string | null {
    const kind = this.#below(100);
    if (kind < 5) return null;
    if (kind < 50) return this.#enveloped(this.#struct(2));
    if (kind < 60) return this.#enveloped(this.#typed(0));
    return kind < 90 ? this.#object(2) : this.#any(1);
  }

  #header(): string {
    return this.#enveloped(this.#typed(0));
  }

  #enveloped({ schema, value }: { schema: string; value: string }): string {
    return `{"schema":${schema},"payload":${value}}`;
  }

  #struct(depth: number): { schema: string; value: string } {
    const names = NAMES.filter(() => this.#chance(55));
    const fields = names.map((name) => ({
      name,
      ...this.#typed(name === 'in' && depth > 0 ? depth : 0, name),
    }));
    const schemas = fields.map(
      ({ name, schema }) => `${schema.slice(0, -1)},"field":${JSON.stringify(name)}}`,
    );
    const more = this.#chance(30) ? ',"name":"shop.Value","version":2' : '';
    return {
      schema: `{"type":"struct","fields":[${schemas.join()}],"optional":${this.#chance(20)}${more}}`,
      value: `{${fields.map(({ name, value }) => `${JSON.stringify(name)}:${value}`).join()}}`,
    };
  }

  #typed(depth: number, name = ''): { schema: string; value: string } {
    const type =
      depth > 0
        ? 'struct'
        : this.#of(name === 'ts' ? ['timestamp', 'int64', 'string', 'date', 'time'] : TYPES.slice(0, -1));
    const optional = this.#chance(40);
    if (type === 'struct') {
      const { schema, value } = this.#struct(depth - 1);
      const own = schema.replace(/"optional":(?:true|false)([^[\]]*)$/, `"optional":${optional}$1`);
      return { schema: own, value: optional && this.#chance(30) ? 'null' : value };
    }
    const preset =
      this.#chance(25) && !['array', 'map'].includes(type) ? `,"default":${this.#valueOf(type)}` : '';
    return {
      schema: `${schemaOf(type, optional)}${preset}}`,
      value: optional && this.#chance(35) ? 'null' : this.#valueOf(type),
    };
  }

  #valueOf(type: string): string {
    switch (type) {
      case 'int8':
        return String(this.#below(256) - 128);
      case 'int16':
        return String(this.#below(65_536) - 32_768);
      case 'int32':
        return String(this.#below(4_294_967_296) - 2_147_483_648);
      case 'int64':
        return this.#of([
          String(this.#time()),
          '9007199254740993',
          '-9223372036854775808',
          '-20000000000000',
          '0',
          '-5',
          '1700000000',
          '255',
        ]);
      case 'float':
        return this.#of(['1.5', '-0.25', '100.0', '0.0', '300.75']);
      case 'double':
        return this.#of(['1.1', '-0.25', '100.0', '3.0E10', '1.0E20', '-7.9', '1.0E-5', '0.0']);
      case 'boolean':
        return String(this.#chance(50));
      case 'string':
        return JSON.stringify(this.#of(STRINGS));
      case 'bytes':
        return this.#of(['"AQID"', '""', '"//8="']);
      case 'decimal':
        return this.#of(['"BNI="', '"AA=="', '"/w=="', '"CbZrzHzX0V7YmVg0"']);
      case 'date':
        return String(this.#below(40_000));
      case 'time':
        return String(this.#below(86_400_000));
      case 'timestamp':
        return String(this.#time());
      case 'array':
        return this.#of(['[]', '["x","y"]']);
      default:
        return this.#of(['{}', '{"k":1}']);
    }
  }

  #any(depth: number): string {
    const kind = this.#below(8);
    if (kind === 0) return 'null';
    if (kind === 1) return String(this.#chance(50));
    if (kind === 2) return this.#valueOf('int64');
    if (kind === 3) return this.#valueOf('double');
    if (kind === 4) return `[${this.#valueOf('string')},${this.#valueOf('int64')}]`;
    if (kind === 5 && depth > 0) return this.#object(depth - 1);
    return this.#valueOf('string');
  }

  #object(depth: number): string {
    const names = NAMES.filter(() => this.#chance(55));
    return `{${names.map((name) => `${JSON.stringify(name)}:${name === 'in' && depth > 0 ? this.#object(depth - 1) : this.#any(depth)}`).join()}}`;
  }

  #time(): number {
    if (this.#chance(5)) return -this.#below(1_000_000_000);
    if (this.#chance(10)) return this.#below(40_000) * 86_400_000;
    return this.#below(4_000_000) * 1_000_000 + this.#below(1_000_000);
  }

  #name(): string {
    return this.#of(NAMES);
  }

  #names(most = 3): string {
    return Array.from({ length: 1 + this.#below(most) }, () => this.#name()).join();
  }

  #of<One>(list: readonly One[]): One {
    const one = list[this.#below(list.length)];
    if (one === undefined) throw new Error('an empty list has nothing to choose from');
    return one;
  }

  #below(bound: number): number {
    return below(this.#random, bound);
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }
}

/** The schema as JSON text without the closing brace. */
function schemaOf(type: string, optional: boolean): string {
  const of = (json: string, more: string) => `{"type":"${json}","optional":${optional}${more}`;
  switch (type) {
    case 'decimal':
      return of('bytes', `,"name":"${LOGICAL}Decimal","version":1,"parameters":{"scale":"0"}`);
    case 'date':
      return of('int32', `,"name":"${LOGICAL}Date","version":1`);
    case 'time':
      return of('int32', `,"name":"${LOGICAL}Time","version":1`);
    case 'timestamp':
      return of('int64', `,"name":"${LOGICAL}Timestamp","version":1`);
    case 'array':
      return `{"type":"array","items":{"type":"string","optional":false},"optional":${optional}`;
    case 'map':
      return `{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"int32","optional":false},"optional":${optional}`;
    default:
      return of(type, '');
  }
}
