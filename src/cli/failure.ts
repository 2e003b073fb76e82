/** What a person did that cannot be done: one sentence that names what mends it, and exit status 1. */
export class Failure extends Error {}
