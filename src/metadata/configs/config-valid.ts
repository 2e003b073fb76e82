import type { Validate } from './config-key.ts';
import { type ConfigValue, textOf } from './config-value.ts';
import { invalidValue } from './invalid-value.ts';

export function atLeast(min: number): Validate {
  return (value, name) =>
    isBelow(value, min) ? invalidValue(name, value, `Value must be at least ${min}`) : null;
}

export function between(min: number, max: number): Validate {
  const notBelow = atLeast(min);
  return (value, name) => {
    if (isAbove(value, max)) return invalidValue(name, value, `Value must be no more than ${max}`);
    return notBelow(value, name);
  };
}

/** As `between`, for a DOUBLE: Kafka's sentence writes it with a fraction. */
export function betweenDoubles(min: number, max: number): Validate {
  return (value, name) => {
    const text = typeof value === 'number' ? textOf('DOUBLE', value) : value;
    if (isAbove(value, max)) return invalidValue(name, text, `Value must be no more than ${max}`);
    return isBelow(value, min) ? invalidValue(name, text, `Value must be at least ${min}`) : null;
  };
}

export function oneOf(...allowed: readonly string[]): Validate {
  return (value, name) => {
    if (typeof value === 'string' && allowed.includes(value)) return null;
    return invalidValue(name, value, `String must be one of: ${allowed.join(', ')}`);
  };
}

export function oneOfIgnoringCase(...allowed: readonly string[]): Validate {
  return (value, name) => {
    const upper = String(value).toUpperCase();
    if (allowed.some((each) => each.toUpperCase() === upper)) return null;
    return invalidValue(name, value, `String must be one of (case insensitive): ${allowed.join(', ')}`);
  };
}

/** The protocols of groups; Kafka cannot be told to do without classic groups either. */
export const rebalanceProtocols: Validate = (value, name) => {
  if (typeof value === 'object' && value.length === 0)
    return emptyList(name, '[consumer, classic, share, streams]');
  const message = listOf('consumer', 'classic', 'share', 'streams')(value, name);
  if (message !== null) return message;
  return Array.isArray(value) && value.includes('classic')
    ? null
    : "Disabling the 'classic' protocol is not supported.";
};

/** Every value of the list is one of these; the list itself may be empty, and may repeat itself. */
export function listOf(...allowed: readonly string[]): Validate {
  const each = oneOf(...allowed);
  return (value, name) => {
    if (typeof value !== 'object') return invalidValue(name, value, 'Expected a list');
    if (value.includes('')) return `Configuration '${name}' values must not be empty.`;
    for (const item of value) {
      const message = each(item, name);
      if (message !== null) return message;
    }
    return null;
  };
}

/** As `listOf`, and the list has a value. */
export function nonEmptyListOf(...allowed: readonly string[]): Validate {
  const each = listOf(...allowed);
  return (value, name) =>
    typeof value === 'object' && value.length === 0
      ? emptyList(name, 'any non-empty value')
      : each(value, name);
}

function emptyList(name: string, allowed: string): string {
  return `Configuration '${name}' must not be empty. Valid values include: ${allowed}`;
}

/** A list of any values but the empty one. */
export const noEmptyValues: Validate = (value, name) =>
  typeof value === 'object' && value.includes('')
    ? `Configuration '${name}' values must not be empty.`
    : null;

export const notEmpty: Validate = (value, name) =>
  value === '' ? invalidValue(name, value, 'String must be non-empty') : null;

/** 1 to 9 as in zlib, or its default. */
export const gzipLevel: Validate = (value, name) => {
  if (value === -1 || (!isBelow(value, 1) && !isAbove(value, 9))) return null;
  return invalidValue(name, value, 'Value must be between 1 and 9 or equal to -1');
};

/** `*`, or partition:broker pairs. */
export const throttledReplicas: Validate = (value, name) => {
  if (typeof value !== 'object') return invalidValue(name, value, 'Expected a list');
  if (value.length === 1 && value[0]?.trim() === '*') return null;
  if (value.every((replica) => /^(\d+:\d+)?$/.test(replica))) return null;
  const format = '[partitionId]:[brokerId],[partitionId]:[brokerId],...';
  return invalidValue(
    name,
    `[${value.join(', ')}]`,
    `${name} must be the literal '*' or a list of replicas in the following format: ${format}`,
  );
};

function isBelow(value: ConfigValue, min: number): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value < min;
}

function isAbove(value: ConfigValue, max: number): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value > max;
}

/** `address:number` items with commas between them. Kafka takes names of hosts, too, and looks them up. */
export const perAddress: Validate = (value, name) => {
  for (const item of String(value).split(',')) {
    if (item.trim() === '') continue;
    if (!/^\s*[0-9a-fA-F.:]+\s*:\s*[0-9]+\s*$/.test(item))
      return invalidValue(
        name,
        value,
        'Expected IP addresses with their numbers, as 10.0.0.1:100,10.0.0.2:200',
      );
  }
  return null;
};
