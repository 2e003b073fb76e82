import { Invalid, type Shape } from '../api/shape.ts';
import type { ControlOptions } from '../control.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import { QueryError } from './query-error.ts';

/** What operations of IAM and STS work with. */
export interface QueryControl {
  readonly options: Pick<ControlOptions, 'region' | 'account'>;
  readonly sealed: SealedStore;
}

/** The request, as far as who signed it matters. */
export interface QueryCaller {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Where it came from, an IP address. */
  readonly host: string;
  /** When it came: milliseconds since 1970. */
  readonly now: number;
}

/** The members of the answer; null where it has none. */
export type QueryResult = object | null | QueryError;

/** An operation of AWS's Query protocol: named by the member `Action` of a form. */
export interface QueryOperation {
  readonly name: string;
  run(control: QueryControl, input: object, caller: QueryCaller): QueryResult;
}

/** The handler sees a request only when all of it is valid. */
export function queryOperation<Input>(definition: {
  readonly name: string;
  readonly input: Shape<Input>;
  readonly handle: (control: QueryControl, input: Input, caller: QueryCaller) => QueryResult;
}): QueryOperation {
  return {
    name: definition.name,
    run(control, given, caller) {
      const input = definition.input.parse(given, '');
      return input instanceof Invalid
        ? new QueryError('ValidationError', input.error.message)
        : definition.handle(control, input, caller);
    },
  };
}
