import { Invalid, type Shape } from '../api/shape.ts';
import type { ControlOptions } from '../control.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import { QueryError } from './query-error.ts';

/** What operations of IAM and STS work with. */
export interface QueryControl {
  readonly options: Pick<ControlOptions, 'region' | 'account'>;
  readonly sealed: SealedStore;
}

/** The members of the answer; null where it has none. */
export type QueryResult = object | null | QueryError;

/** An operation of AWS's Query protocol: named by the member `Action` of a form. */
export interface QueryOperation {
  readonly name: string;
  run(control: QueryControl, input: object): QueryResult;
}

/** The handler sees a request only when all of it is valid. */
export function queryOperation<Input>(definition: {
  readonly name: string;
  readonly input: Shape<Input>;
  readonly handle: (control: QueryControl, input: Input) => QueryResult;
}): QueryOperation {
  return {
    name: definition.name,
    run(control, given) {
      const input = definition.input.parse(given, '');
      return input instanceof Invalid
        ? new QueryError('ValidationError', input.error.message)
        : definition.handle(control, input);
    },
  };
}
