import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import {
  booleanProperty,
  classProperty,
  intProperty,
  listProperty,
  longProperty,
  oneOfProperty,
  passwordProperty,
  stringProperty,
} from './config-property.ts';

const told = { importance: 'LOW', doc: '' } as const;
const PROPERTIES = {
  url: stringProperty(told),
  'tasks.max': intProperty({ ...told, default: 1, min: 1 }),
  'retry.ms': longProperty({ ...told, default: null, max: 10 }),
  enabled: booleanProperty({ ...told, default: false }),
  topics: listProperty({ ...told, default: [] }),
  format: oneOfProperty(['JSON', 'BYTES'], { ...told, default: 'JSON' }, true),
  converter: classProperty({ ...told, default: null }),
  password: passwordProperty({
    ...told,
    default: null,
    check: (value) => (value === '' ? 'must have a value' : null),
  }),
};

test('texts are read as the types of their properties, with the defaults of those that are absent', () => {
  const { config } = readConfig(PROPERTIES, {
    ...{ url: ' u ', 'tasks.max': ' 5 ', enabled: 'TRUE', topics: 'a, b,c', format: 'bytes' },
    'of.another': 'x',
  });
  expect(config).toEqual({
    ...{ url: ' u ', 'tasks.max': 5, 'retry.ms': null, enabled: true, topics: ['a', 'b', 'c'] },
    ...{ format: 'BYTES', converter: null, password: null },
  });
});

test('every text that is none is told with its name and why, and a password is not told', () => {
  const { problems } = readConfig(PROPERTIES, {
    ...{ url: '', 'tasks.max': '1.5', 'retry.ms': '11', enabled: 'yes', format: 'avro', password: '' },
  });
  expect(problems.map(({ message }) => message)).toEqual([
    'Invalid value 1.5 for configuration tasks.max: must be a whole number.',
    'Invalid value 11 for configuration retry.ms: must be at most 10.',
    'Invalid value yes for configuration enabled: must be true or false.',
    'Invalid value avro for configuration format: must be one of JSON, BYTES.',
    'Invalid value [hidden] for configuration password: must have a value.',
  ]);
});
