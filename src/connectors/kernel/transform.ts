import type { Clock } from '../../base/clock.ts';
import { type ConfigOf, type ConfigProblem, type ConfigProperties, readConfig } from './config.ts';
import type { ConnectRecord } from './connect-record.ts';

type Texts = Readonly<Record<string, string>>;

/** Changes records one by one, between a connector and its converters. */
export interface Transform {
  /**
   * The record as it goes on; null: it is left out. What it was given stays as it is. Throws an Error, mostly
   * DataError.
   */
  apply<Record extends ConnectRecord>(record: Record): Record | null;
}

/** Says of which records a transform is for. */
export interface Predicate {
  /** Throws an Error, mostly DataError. */
  test(record: ConnectRecord): boolean;
}

/** Kafka's name, what may be configured, and how one is made of that. */
export interface PartSpec<Part> {
  /** As `transforms.ALIAS.type` or `predicates.ALIAS.type` has it. */
  readonly className: string;
  /** One or two sentences: what it does. */
  readonly doc: string;
  /** Each behind `transforms.ALIAS.` or `predicates.ALIAS.`. */
  readonly properties: ConfigProperties;
  /** What is wrong with the texts; nothing is done. */
  problems(texts: Texts): readonly ConfigProblem[];
  /** Throws an Error when `problems` has some. `clock`: by which years of two digits are understood. */
  make(texts: Texts, clock: Clock): Part;
}

export type TransformSpec = PartSpec<Transform>;
export type PredicateSpec = PartSpec<Predicate>;

interface Definition<Properties extends ConfigProperties, Part> {
  readonly className: string;
  readonly doc: string;
  readonly properties: Properties;
  /** Checks values together that are right one by one. */
  readonly check?: (config: ConfigOf<Properties>) => readonly ConfigProblem[];
  readonly make: (config: ConfigOf<Properties>, clock: Clock) => Part;
}

export function partSpec<const Properties extends ConfigProperties, Part>({
  className,
  doc,
  properties,
  check,
  make,
}: Definition<Properties, Part>): PartSpec<Part> {
  return {
    ...{ className, doc, properties },
    problems: (texts) => {
      const { problems, config } = readConfig(properties, texts);
      return config === null ? problems : (check?.(config) ?? []);
    },
    make: (texts, clock) => {
      const { problems, config } = readConfig(properties, texts);
      if (config === null) throw new Error(problems.map(({ message }) => message).join(' '));
      return make(config, clock);
    },
  };
}
