import { Failure } from './failure.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

/**
 * Why a file that the command line names cannot be read, in a sentence; an error of another kind as it is.
 */
export function unreadable(
  what: string,
  error: unknown,
  { exit = 'failed', advice = '' }: { readonly exit?: 'failed' | 'usage'; readonly advice?: string } = {},
): unknown {
  if (error instanceof Failure || !(error instanceof Error && 'code' in error)) return error;
  const reason = REASONS[String(error.code)] ?? error.message;
  return new Failure(`${what} cannot be read: ${reason}.${advice === '' ? '' : ` ${advice}`}`, {
    cause: error,
    exit,
  });
}
