import type { ApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import type { OperationName } from './operations.ts';
import type { OwnOperationName } from './own-operations.ts';
import { Invalid, integerText, optional, type Shape, string } from './shape.ts';

/** The answer's members as they go on the wire (null: 204, without a body), or an error. */
export type ApiAnswer = object | null | ApiError;

/** What an operation may know of the request beside its members. */
export interface ApiCaller {
  /** The host by which the API was called; null where the request says none. */
  readonly host: string | null;
  /** The ARN that the cluster operation which is asked for gets; a new one where none is given. */
  readonly operationArn?: string;
}

export interface ApiOperation {
  readonly name: OperationName | OwnOperationName;
  readonly input: Shape<unknown>;
  /** `input` has the members of the request, wherever they travelled. */
  run(control: Control, input: unknown, caller: ApiCaller): ApiAnswer | Promise<ApiAnswer>;
}

/**
 * An operation: what it takes, and what it does. The handler sees a request only when all of it is valid, so
 * nothing is begun that a later check would refuse.
 */
export function operation<Input>(definition: {
  readonly name: OperationName | OwnOperationName;
  readonly input: Shape<Input>;
  readonly handle: (control: Control, input: Input, caller: ApiCaller) => ApiAnswer | Promise<ApiAnswer>;
}): ApiOperation {
  return {
    name: definition.name,
    input: definition.input,
    run(control, given, caller) {
      const input = definition.input.parse(given, '');
      return input instanceof Invalid ? input.error : definition.handle(control, input, caller);
    },
  };
}

/** ARNs are opaque until they are looked up. */
export const ARN = string({ min: 1, max: 2048 });

export const PAGE = {
  maxResults: optional(integerText({ min: 1, max: 100 })),
  nextToken: optional(string({ min: 1, max: 4096 })),
};
