import { type ApiError, notFound } from '../../control/aws/api-error.ts';

/** What the store keeps of one kind: found by ARN, named once. */
export class Named<T extends { readonly arn: string; readonly name: string }> {
  readonly #noun: string;
  readonly #byArn = new Map<string, T>();

  /** `noun`: as a sentence has it, `custom plugin`. */
  constructor(noun: string) {
    this.#noun = noun;
  }

  /** By name. */
  all(): T[] {
    return [...this.#byArn.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(arn: string): T | ApiError {
    return this.#byArn.get(arn) ?? notFound(`The ${this.#noun} ${arn} does not exist.`);
  }

  /** Null when a new one may have this name. */
  refusal(name: string, most: number): ApiError | null {
    if (this.all().some((one) => one.name === name))
      return { error: 'ConflictException', message: 'A resource with this name already exists.' };
    return this.#byArn.size >= most
      ? {
          error: 'TooManyRequestsException',
          message: `There are already ${most} of the kind ${this.#noun}, the most there can be.`,
        }
      : null;
  }

  replayed(one: T): void {
    this.#byArn.set(one.arn, one);
  }

  removed(arn: string): void {
    this.#byArn.delete(arn);
  }
}
