import { Invalid, type Shape } from '../api/shape.ts';
import type { ControlOptions } from '../control.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import { type Fault, fault } from './fault.ts';

/** What operations of Secrets Manager and KMS work with. */
export interface JsonControl {
  readonly options: Pick<ControlOptions, 'region' | 'account'>;
  readonly sealed: SealedStore;
}

/** An operation of AWS's JSON 1.1 protocol: named by a header, with everything in the body. */
export interface JsonOperation {
  readonly name: string;
  run(control: JsonControl, input: unknown): object | Fault;
}

/** The handler sees a request only when all of it is valid. */
export function jsonOperation<Input>(definition: {
  readonly name: string;
  readonly input: Shape<Input>;
  readonly handle: (control: JsonControl, input: Input) => object | Fault;
}): JsonOperation {
  return {
    name: definition.name,
    run(control, given) {
      const input = definition.input.parse(given, '');
      return input instanceof Invalid
        ? fault('ValidationException', input.error.message)
        : definition.handle(control, input);
    },
  };
}

/** Dates go as seconds. */
export function seconds(ms: number): number {
  return ms / 1000;
}
