import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CredentialsError } from './aws-credentials.ts';
import { iniSections } from './ini-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A profile of AWS's two files. */
export interface AwsProfile {
  readonly name: string;
  /** Of both files; the credentials file wins. Empty where neither has the profile. */
  readonly settings: ReadonlyMap<string, string>;
}

/** The files' paths, the credentials file first. */
export function profileFiles(environment: Environment): readonly [credentials: string, config: string] {
  const folder = join(environment.HOME ?? homedir(), '.aws');
  return [
    environment.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'),
    environment.AWS_CONFIG_FILE ?? join(folder, 'config'),
  ];
}

/**
 * The one that AWS_PROFILE names, or `default`. Throws CredentialsError when a file is there and cannot be
 * read.
 */
export function awsProfile(environment: Environment): AwsProfile {
  const name = environment.AWS_PROFILE ?? 'default';
  const [credentialsFile, configFile] = profileFiles(environment);
  const config = sectionsOf(configFile);
  return {
    name,
    settings: new Map([
      ...(config.get(`profile ${name}`) ?? (name === 'default' ? config.get('default') : undefined) ?? []),
      ...(sectionsOf(credentialsFile).get(name) ?? []),
    ]),
  };
}

function sectionsOf(file: string): ReturnType<typeof iniSections> {
  try {
    return iniSections(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    const said = error instanceof Error ? error.message : String(error);
    throw new CredentialsError(`AWS's file ${file} cannot be read: ${said}.`, { cause: error });
  }
}
