import { type ApiError, badRequest } from '../aws/api-error.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Configs as the API carries them: base64 of a JSON object, each value a string, a number, true or false. */
export function decodeConfigs(text: string): Map<string, string> | ApiError {
  const configs = parsed(text);
  if (configs === null)
    return badRequest('configs must be a JSON object of topic configurations, encoded in base64.', 'configs');
  const known = new Map<string, string>();
  for (const [name, value] of Object.entries(configs)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return badRequest(
        `The value of ${name.slice(0, 100)} in configs must be a string, a number, true or false.`,
        'configs',
      );
    known.set(name, String(value));
  }
  return known;
}

export function encodeConfigs(configs: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(configs)).toString('base64');
}

function parsed(text: string): object | null {
  if (!BASE64.test(text)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
