import type { ConfigKey } from './config-key.ts';

/** What must hold between the values of two configs. */
export interface ConfigRelation {
  readonly left: ConfigKey<number>;
  readonly is: keyof typeof WORDS;
  readonly right: ConfigKey<number>;
}

const WORDS = {
  '>=': 'greater than or equal to',
  '<=': 'less than or equal to',
  '>': 'greater than',
  '<': 'less than',
} as const;

/** Null when the relation holds between these values, else Kafka's sentence. */
export function brokenRelation(
  { left, is, right }: ConfigRelation,
  read: (key: ConfigKey<number>) => number,
): string | null {
  return holds(read(left), is, read(right)) ? null : `${left.name} must be ${WORDS[is]} ${right.name}`;
}

function holds(left: number, is: ConfigRelation['is'], right: number): boolean {
  switch (is) {
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '<':
      return left < right;
  }
}
