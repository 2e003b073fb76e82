import type { Clock } from '../../base/clock.ts';
import type { Attempts } from '../kernel/attempts.ts';
import { behind } from '../kernel/client-properties.ts';
import type { ConnectRecord } from '../kernel/connect-record.ts';
import { TaskStopped } from '../kernel/task-errors.ts';
import type { PartSpec, Predicate, Transform } from '../kernel/transform.ts';
import { PREDICATES } from '../predicates/predicates.ts';
import { TRANSFORMS } from './transforms.ts';

type Texts = Readonly<Record<string, string>>;

/** One transform of a connector, and of which records it is for. */
export interface TransformStage {
  readonly className: string;
  readonly transform: Transform;
  /** Null: all. */
  readonly predicate: Predicate | null;
  /** It is for those of which the predicate is false. */
  readonly negates: boolean;
}

/** A stage that failed: of which class, and with what. */
export class TransformFailure extends Error {
  readonly failure: {
    readonly stage: 'TRANSFORMATION';
    readonly className: string;
    readonly error: Error;
  };

  constructor(className: string, error: Error) {
    super(error.message, { cause: error });
    this.failure = { stage: 'TRANSFORMATION', className, error };
  }
}

/** The transforms of a connector, one after the other. */
export class TransformChain {
  readonly #steps: readonly Step[];

  constructor(stages: readonly TransformStage[]) {
    this.#steps = stages.map(({ className, transform, predicate, negates }) => ({
      className,
      apply: (record) => (predicate && predicate.test(record) === negates ? record : transform.apply(record)),
    }));
  }

  /**
   * Null: the record is left out. Each stage is attempted for itself. Throws or rejects with
   * TransformFailure.
   */
  apply<Record extends ConnectRecord>(
    record: Record,
    attempts: Attempts,
  ): Record | null | Promise<Record | null> {
    return this.#from(0, record, attempts);
  }

  #from<Record extends ConnectRecord>(
    first: number,
    record: Record,
    attempts: Attempts,
  ): Record | null | Promise<Record | null> {
    let current = record;
    for (const [at, { className, apply }] of this.#steps.entries()) {
      if (at < first) continue;
      let made: Record | null | Promise<Record | null>;
      try {
        made = attempts.run<Record, Record | null>(apply, current);
      } catch (error) {
        throw failureOf(className, error);
      }
      if (made instanceof Promise)
        return made.then(
          (later) => (later === null ? null : this.#from(at + 1, later, attempts)),
          (error: unknown) => {
            throw failureOf(className, error);
          },
        );
      if (made === null) return null;
      current = made;
    }
    return current;
  }
}

/** One stage with its predicate. */
interface Step {
  readonly className: string;
  readonly apply: <Record extends ConnectRecord>(record: Record) => Record | null;
}

function failureOf(className: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TaskStopped) return error;
  return new TransformFailure(className, error);
}

/** Of a configuration that `transformProblems` has found nothing wrong with. */
export function transformChain(texts: Texts, clock: Clock): TransformChain {
  return new TransformChain(
    aliases(texts, 'transforms').map((alias) => {
      const prefix = `transforms.${alias}.`;
      const spec = partOf(TRANSFORMS, texts, prefix);
      const predicate = texts[`${prefix}predicate`];
      return {
        className: spec.className,
        transform: spec.make(behind(prefix, texts), clock),
        predicate:
          predicate === undefined
            ? null
            : partOf(PREDICATES, texts, `predicates.${predicate}.`).make(
                behind(`predicates.${predicate}.`, texts),
                clock,
              ),
        negates: texts[`${prefix}negate`]?.toLowerCase() === 'true',
      };
    }),
  );
}

/** The names that a configuration gives its transforms or predicates, each once. */
export function aliases(texts: Texts, of: 'transforms' | 'predicates'): readonly string[] {
  const list = texts[of] ?? '';
  return list.trim() === '' ? [] : [...new Set(list.split(',').map((alias) => alias.trim()))];
}

/** By its whole name, or without the package, as Kafka Connect finds plugins. */
export function partSpecOf<Part>(specs: readonly PartSpec<Part>[], type: string): PartSpec<Part> | null {
  return (
    specs.find(
      ({ className }) => className === type || className.slice(className.lastIndexOf('.') + 1) === type,
    ) ?? null
  );
}

function partOf<Part>(specs: readonly PartSpec<Part>[], texts: Texts, prefix: string): PartSpec<Part> {
  const type = texts[`${prefix}type`] ?? '';
  const spec = partSpecOf(specs, type);
  if (!spec) throw new Error(`There is no built-in class ${type}.`);
  return spec;
}
