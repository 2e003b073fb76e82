import type { ConverterSpec } from '../kernel/converter.ts';
import { byteArrayConverter } from './byte-array-converter.ts';
import { jsonConverter } from './json-converter.ts';
import { stringConverter } from './string-converter.ts';

/** Every converter that is built in. */
export const CONVERTERS: readonly ConverterSpec[] = [stringConverter, jsonConverter, byteArrayConverter];

/**
 * By the whole name of its class, or the last part of it, with or without its ending, as Kafka Connect finds
 * plugins.
 */
export function converterSpec(name: string): ConverterSpec | null {
  return (
    CONVERTERS.find(({ className }) => {
      const simple = className.slice(className.lastIndexOf('.') + 1);
      return [className, simple, simple.replace(/Converter$/, '')].includes(name);
    }) ?? null
  );
}
