import { type ApiError, badRequest } from '../aws/api-error.ts';

/** A setting that would be stored and not obeyed is worse than a 400. */
export function notBuilt(what: string, field: string): ApiError {
  return badRequest(`${what} is not built yet.`, field);
}
