import { expect, test } from 'vitest';
import { s3Sink } from '../../connectors/s3-sink/s3-sink.ts';
import { validationOf } from './built-in-definitions.ts';

test('every message of a validation is counted as an error, as in Kafka Connect, also two of one property', () => {
  const validation = validationOf(s3Sink, {
    ...{ name: 'n', 'connector.class': s3Sink.className, topics: 'a', 'topics.regex': '(' },
  });
  const { configs, error_count } = validation as {
    readonly error_count: number;
    readonly configs: readonly { readonly value: { readonly name: string; readonly errors: string[] } }[];
  };
  expect(configs.find(({ value }) => value.name === 'topics.regex')?.value.errors).toHaveLength(2);
  expect(error_count).toBe(configs.flatMap(({ value }) => value.errors).length);
});
