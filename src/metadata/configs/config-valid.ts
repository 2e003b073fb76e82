import type { Validate } from './config-key.ts';
import type { ConfigValue } from './config-value.ts';
import { invalidValue } from './invalid-value.ts';

export function atLeast(min: number): Validate {
  return (value, name) => {
    return isBelow(value, min) ? invalidValue(name, value, `Value must be at least ${min}`) : null;
  };
}

export function between(min: number, max: number): Validate {
  const notBelow = atLeast(min);
  return (value, name) => {
    if (isAbove(value, max)) return invalidValue(name, value, `Value must be no more than ${max}`);
    return notBelow(value, name);
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

/** Every value of the list; the list itself may be empty, and may repeat itself. */
/** The protocols of groups; Kafka cannot be told to do without classic groups either. */
export const rebalanceProtocols: Validate = (value, name) => {
  const message = listOf('consumer', 'classic', 'share', 'streams')(value, name);
  if (message !== null) return message;
  return Array.isArray(value) && value.includes('classic')
    ? null
    : "Disabling the 'classic' protocol is not supported.";
};

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
  if (value.every((replica) => /^\d+:\d+$/.test(replica))) return null;
  const format = '[partitionId]:[brokerId],[partitionId]:[brokerId],...';
  return invalidValue(
    name,
    `[${value.join(', ')}]`,
    `${name} must be the literal '*' or a list of replicas in the following format: ${format}`,
  );
};

/** KIP-932: a name, or a duration before now in ISO 8601. */
export const shareOffsetReset: Validate = (value, name) => {
  const text = String(value);
  if (text === 'latest' || text === 'earliest') return null;
  if (/^by_duration:-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(text)) {
    return text.startsWith('by_duration:-')
      ? invalidValue(name, value, 'Negative duration is not supported')
      : null;
  }
  return invalidValue(
    name,
    value,
    "Expected 'latest', 'earliest' or 'by_duration:PnDTnHnMn.nS' where the duration is in ISO 8601",
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
