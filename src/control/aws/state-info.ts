/** Why a resource is in its state, in AWS's form: a code for programs and a message for people. */
export interface StateInfo {
  readonly code: string;
  readonly message: string;
}
