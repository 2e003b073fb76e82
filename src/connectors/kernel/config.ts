import { type ConfigProperty, InvalidValue } from './config-property.ts';

/** Properties by their names. */
export type ConfigProperties = Readonly<Record<string, ConfigProperty<unknown>>>;

/** The values of a configuration, by the names of their properties. */
export type ConfigOf<Properties extends ConfigProperties> = {
  readonly [Name in keyof Properties]: Properties[Name] extends ConfigProperty<infer Value> ? Value : never;
};

/** One property that is wrong, and why: a sentence with its name. */
export interface ConfigProblem {
  readonly property: string;
  readonly message: string;
}

/** All values are there, or all problems are told. */
export type ReadConfig<Properties extends ConfigProperties> =
  | { readonly problems: readonly []; readonly config: ConfigOf<Properties> }
  | { readonly problems: readonly ConfigProblem[]; readonly config: null };

/** Reads the texts of these properties; other names in `texts` are not looked at. */
export function readConfig<const Properties extends ConfigProperties>(
  properties: Properties,
  texts: Readonly<Record<string, string>>,
): ReadConfig<Properties> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, { type, default: preset, parse }] of Object.entries(properties)) {
    const text = texts[name];
    if (text === undefined) {
      if (preset === undefined)
        problems.push({
          property: name,
          message: `Missing required configuration "${name}" which has no default value.`,
        });
      config[name] = preset;
      continue;
    }
    try {
      config[name] = parse(text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const value = type === 'PASSWORD' ? '[hidden]' : text;
      problems.push({
        property: name,
        message: error.isWhole
          ? `${error.message}.`
          : `Invalid value ${value} for configuration ${name}: ${error.message}.`,
      });
    }
  }
  if (problems.length > 0) return { problems, config: null };
  return { problems: [], config: config as ConfigOf<Properties> };
}
