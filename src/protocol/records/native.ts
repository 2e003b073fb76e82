import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Loads a native add-on when it is first needed, and synchronously: a broker that nobody sends snappy to does
 * not pay for snappy at start-up, and a module without top-level await stays usable from CommonJS. Null where
 * the package has no binary for this platform; the reason is kept for the error of whoever cannot do without
 * it.
 */
export function loadNative<Module>(
  name: string,
  isModule: (value: unknown) => value is Module,
): Loaded<Module> {
  try {
    const module: unknown = require(name);
    if (isModule(module)) return { module, reason: undefined };
    return { module: null, reason: new Error(`${name} does not export what was expected of it`) };
  } catch (reason) {
    return { module: null, reason };
  }
}

export type Loaded<Module> =
  | { readonly module: Module; readonly reason: undefined }
  | { readonly module: null; readonly reason: unknown };

/** Whether a loaded module has functions of these names. */
export function hasFunctions(value: unknown, ...names: string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
